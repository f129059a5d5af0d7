import { Command } from 'commander';
import { systemClock } from '#runtime/clock/system-clock';
import type { Config } from '#runtime/config';
import { ConfigError, readConfig } from '#runtime/config';
import { readKafkaConfig } from '#runtime/kafka-config';
import { pinoLog } from '#runtime/log';
import { portOption } from '#runtime/port-option';
import { exitWith, stopOnSignal } from '#runtime/process';
import type { AppModule } from './kafka-service.ts';

export interface ServiceDescription {
  readonly name: 'ingest' | 'projector' | 'delivery';
  readonly description: string;
  /** Loads the app's modules. Throws a `ConfigError` for what only this app needs. */
  readonly modules: (config: Config) => Promise<AppModule[]>;
}

/** `presently NAME`: one app in a process of its own, on Kafka. */
export function serviceCommand({ name, description, modules }: ServiceDescription): Command {
  const run = async ({ port }: { port?: string }): Promise<void> => {
    const config = readConfig({ ...process.env, ...(port === undefined ? {} : { PRESENTLY_PORT: port }) });
    const kafka = readKafkaConfig(process.env);
    if (kafka === null) {
      throw new ConfigError(
        `KAFKA_BROKERS is not set, and \`presently ${name}\` needs Kafka. Without it, use \`presently standalone\`.`,
      );
    }
    const appModules = await modules(config);
    const { KafkaService } = await import('./kafka-service.ts'); // only now: other commands need not wait for Nest
    const logger = pinoLog(config.PRESENTLY_LOG_LEVEL);
    const options = { ...kafka, prefix: config.PRESENTLY_TOPIC_PREFIX, clock: systemClock };
    const service = new KafkaService(name, config, options, systemClock, logger, appModules);
    stopOnSignal(() => service.stop(), systemClock, logger);
    const url = await service.start();
    if (url !== null) process.stdout.write(`Presently ${name} listens on ${url}\n`);
  };
  return new Command(name)
    .description(description)
    .option('--port <number>', 'port to listen on (default: PRESENTLY_PORT, or 8080)', portOption)
    .addHelpText('after', '\nIt needs KAFKA_BROKERS, and the topics that `presently topics create` makes.')
    .action((options: { port?: string }) => run(options).catch(exitWith));
}
