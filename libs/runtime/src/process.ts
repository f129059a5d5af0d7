import type { Clock } from './clock/clock.ts';
import { ConfigError, EXIT_CONFIG } from './config.ts';
import type { Log } from './log.ts';

const DRAIN_MS_MAX = 9_000;

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

/** Says in one line why the process cannot go on, and exits: 78 when the configuration is at fault, else 1. */
export function exitWith(error: unknown): never {
  const isConfig = error instanceof ConfigError || (error instanceof Error && error.name === 'LogConfigError');
  process.stderr.write(`${isConfig ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(isConfig ? EXIT_CONFIG : 1);
}
