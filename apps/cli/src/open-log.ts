import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import type { MessageLog } from '#message-log/message-log';
import { systemClock } from '#runtime/clock/system-clock';
import type { Config } from '#runtime/config';
import { readConfig } from '#runtime/config';

/** The configuration as the command line and the environment give it. */
export function configWith(data: string | undefined): Config {
  return readConfig({ ...process.env, ...(data === undefined ? {} : { PRESENTLY_DATA: data }) });
}

/** Opens the log that is there for reading, also beside a running server. */
export function openForReading(config: Config): MessageLog {
  return LmdbLog.open({ directory: config.PRESENTLY_DATA, clock: systemClock, readOnly: true });
}

/** Opens the log for writing, which only one process can; makes it when it is not there. */
export function openForWriting(config: Config, kind: 'live' | 'archive'): MessageLog {
  const { PRESENTLY_DATA: directory, PRESENTLY_PARTITIONS: partitionCount } = config;
  return LmdbLog.open({ directory, clock: systemClock, partitionCount, kind });
}
