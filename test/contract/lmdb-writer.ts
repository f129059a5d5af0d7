import { existsSync } from 'node:fs';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { systemClock } from '#runtime/clock/system-clock';

/**
 * A process of its own that writes to the embedded log until it is killed, and prints `acknowledged N` for each number
 * that is in the events, and in two state records, and `refused` when the log takes no more. When the named file is there, it ends.
 */
const [directory = '', endFile = ''] = process.argv.slice(2);
// Else the limit on the size of files, which stands for a full disk, would end the process.
process.on('SIGXFSZ', () => undefined);

const log = LmdbLog.open({ directory, clock: systemClock, partitionCount: 1 });
const owner = await log.own(0);
const padding = 'x'.repeat(2_000);
const { next } = await log.range('events', 0);
for (let number = next; !existsSync(endFile); number++) {
  try {
    const value = JSON.stringify({ number, padding });
    await log.append('events', [{ key: null, value, partition: 0 }]);
    await owner.commit(['one', 'other'].map((key) => ({ topic: 'state', key, value: `${number}` })));
    process.stdout.write(`acknowledged ${number}\n`);
  } catch (error) {
    process.stdout.write(`refused ${(error as Error).name}: ${(error as Error).message}\n`);
    number--;
    await new Promise((resolve) => systemClock.after(20, () => resolve(undefined)));
  }
}
await log.close();
process.stdout.write('ended\n');
