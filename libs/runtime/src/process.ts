import type { Clock } from './clock/clock.ts';
import type { Log } from './log.ts';

const DRAIN_MS_MAX = 9_000;

/** Of a process that was configured wrongly (EX_CONFIG of sysexits). */
const EXIT_CONFIG = 78;

/** Why a command cannot do what it was asked to; the message, a sentence, is all there is to say. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Exit codes of errors of which the message is enough, by name, because the log's are not known here. Others are bugs. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  ConfigError: EXIT_CONFIG,
  LogConfigError: EXIT_CONFIG,
  CommandError: 1,
  LogUnavailableError: 1,
};

/** On SIGTERM or SIGINT drains with `stop` and exits 0; a second signal, or a drain that hangs, exits at once. */
export function stopOnSignal(stop: () => Promise<void>, clock: Clock, log: Log): void {
  let isStopping = false;
  const drain = (signal: string): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info('process.draining', { signal });
    clock.after(DRAIN_MS_MAX, () => {
      log.error('process.drain.timed_out', { afterMs: DRAIN_MS_MAX });
      process.exit(1);
    });
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('process.drain.failed', { error: String(error) });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
}

/** Says why the process cannot go on, a bug with its stack, and exits: 78 when the configuration is at fault, else 1. */
export function exitWith(error: unknown): never {
  const { name, message, stack } = error instanceof Error ? error : { name: '', message: '', stack: String(error) };
  const code = EXIT_CODES[name];
  process.stderr.write(`${code === undefined ? stack : message}\n`);
  process.exit(code ?? 1);
}
