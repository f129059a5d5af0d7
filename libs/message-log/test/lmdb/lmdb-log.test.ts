import { readdirSync } from 'node:fs';
import { LogConfigError } from '#message-log/errors';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts';

const directory = temporaryDirectory();
const open = (partitionCount?: number): LmdbLog =>
  LmdbLog.open({ directory: directory.path(), clock: new MovableClock(), partitionCount });

test('a new log has the partitions that are named, or 4, and keeps them', async () => {
  await open(3).close();
  const again = open();
  expect(again.partitionCount).toBe(3);
  await again.close();
  await open(3).close();
});

test('another number of partitions than the log’s is refused, and the directory is free again', async () => {
  const log = open();
  expect(log.partitionCount).toBe(4);
  await log.close();
  const told = `PRESENTLY_PARTITIONS is 8, and the log in ${directory.path()} has 4 partitions, for good`;
  expect(() => open(8)).toThrow(LogConfigError);
  expect(() => open(8)).toThrow(told);
  await open(4).close();
});

test('a log that is discarded leaves nothing', async () => {
  const log = open();
  await log.append('events', [{ key: null, value: '1', partition: 0 }]);
  await log.discard();
  await log.close();
  expect(readdirSync(directory.path())).toEqual([]);
});
