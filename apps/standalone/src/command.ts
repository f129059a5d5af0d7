import { Command } from 'commander';
import { systemClock } from '#runtime/clock/system-clock';
import type { Config } from '#runtime/config';
import { readConfig } from '#runtime/config';
import { pinoLog } from '#runtime/log';
import { portOption } from '#runtime/port-option';
import { exitWith, stopOnSignal } from '#runtime/process';

interface Options {
  readonly data?: string;
  readonly port?: string;
  readonly demo?: boolean;
}

/** `presently standalone`, which is also what `npm start` runs. */
export function standaloneCommand(name = 'standalone'): Command {
  return new Command(name)
    .description('Run everything in one process, on the embedded log.')
    .option('--data <directory>', 'data directory (default: PRESENTLY_DATA, or ./data)')
    .option('--port <number>', 'port to listen on (default: PRESENTLY_PORT, or 8080)', portOption)
    .option('--demo', 'add a synthetic crowd, to see presence change at once')
    .action((options: Options) => run(options).catch(exitWith));
}

async function run(options: Options): Promise<void> {
  const config = readConfig({
    ...process.env,
    ...(options.data === undefined ? {} : { PRESENTLY_DATA: options.data }),
    ...(options.port === undefined ? {} : { PRESENTLY_PORT: options.port }),
  });
  const logger = pinoLog(config.PRESENTLY_LOG_LEVEL);
  // Only now, because the other commands need not wait for Nest to be loaded.
  const { startStandalone } = await import('./standalone.ts');
  const standalone = await startStandalone(config, systemClock, logger, { demo: options.demo === true });
  stopOnSignal(() => standalone.stop(), systemClock, logger);
  process.stdout.write(greeting(standalone.url, exampleToken(config, options.demo === true)));
}

function greeting(url: string, token: string): string {
  const lines = [
    `Presently listens on ${url}`,
    `Console, in a browser:  ${url}/`,
    `Watch presence change:  curl -N -H 'Authorization: Bearer ${token}' ${url}/v1/stream`,
    `All routes:             ${url}/docs`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Only `dev` believes a name; elsewhere a real token has to take the place. */
function exampleToken(config: Config, isDemo: boolean): string {
  if (config.PRESENTLY_AUTH !== 'dev') return 'TOKEN';
  return isDemo ? '@you:demo/PHONE' : '@alice:example/PHONE';
}
