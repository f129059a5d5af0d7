import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogConfigError } from '#message-log/errors';
import { lockDirectory } from '#message-log/lmdb/directory-lock';

/**
 * A process of its own that takes a data directory and gives it back, as often as is said, and leaves a file there
 * while it has it: when there is one already, two have the directory at once, and it dies of that.
 */
const [directory = '', times = ''] = process.argv.slice(2);
const mine = join(directory, 'in-use');
process.stdout.write('begins\n');
for (let taken = 0; taken < Number(times);) {
  try {
    const unlock = lockDirectory(directory);
    writeFileSync(mine, '', { flag: 'wx' });
    rmSync(mine);
    unlock();
    taken++;
  } catch (error) {
    if (!(error instanceof LogConfigError)) throw error;
  }
}
