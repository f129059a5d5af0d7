import { existsSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Has a directory made once by whoever asks first, in whichever process; the others wait. It appears whole or not at all.
 * When making it fails, the one who tried gets the error, and the next tries again.
 */
export async function makeOnce(directory: string, make: (draft: string) => Promise<void>): Promise<void> {
  const lock = `${directory}.lock`;
  while (!existsSync(directory)) {
    if (!take(lock)) {
      removeStale(lock);
      await sleep(POLL_MS);
      continue;
    }
    try {
      if (!existsSync(directory)) await makeWhole(directory, make);
    } finally {
      rmSync(lock, { force: true });
    }
  }
}

async function makeWhole(directory: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = await mkdtemp(`${directory}.draft-`);
  try {
    await make(draft);
    await rename(draft, directory);
  } catch (error) {
    // Somebody else was there first: the lock saves work, but two who both find it stale may both get it.
    if (!existsSync(directory)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A symbolic link comes into being at once with what it says, the holder; a file or directory would be empty at first. */
function take(lock: string): boolean {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(lock: string): void {
  try {
    process.kill(Number(readlinkSync(lock)), 0);
  } catch (error) {
    // ESRCH: the holder is gone. Else: the lock is, or the holder is somebody else's and alive.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') rmSync(lock, { force: true });
  }
}
