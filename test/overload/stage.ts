import type { MessageLog } from '#message-log/message-log';
import type { ServerProcess } from '../support/server-process.ts';

/** As they come, but for what would refuse a crowd and a load from one address. */
export const SETTINGS = {
  PRESENTLY_CONNECTIONS_PER_ADDRESS_MAX: '0',
  PRESENTLY_LOG_LEVEL: 'info',
};

/** A log, and the processes on it. */
export interface Stage {
  readonly ingest: ServerProcess;
  readonly projector: ServerProcess;
  readonly delivery: ServerProcess;
  /** The processes, each once, by name. */
  readonly processes: Readonly<Record<string, ServerProcess>>;
  /** Ends the processes with SIGTERM, and returns their exit codes. */
  end(): Promise<(number | string)[]>;
  /** Reads the log when the processes have ended. */
  read<Result>(use: (log: MessageLog) => Promise<Result>): Promise<Result>;
  /** Runs `presently verify` beside the processes, with what delivery shows. Rejects when they differ. */
  verify(): Promise<string>;
  dispose(): Promise<void>;
}

/** Ends processes as a service manager does. */
export function endAll(servers: readonly ServerProcess[]): Promise<(number | string)[]> {
  return Promise.all(servers.map(({ process }) => process.kill('SIGTERM')));
}
