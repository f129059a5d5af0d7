import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LogConfigError } from '../errors.ts';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same id; null where the system does not say. */
  readonly startedAt: string | null;
}

/**
 * Takes a data directory for this process, making it if need be; returns what gives it back. LMDB itself would let a
 * second process in. A lock left behind by a process that is gone is taken over.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'presently.lock');
  const me: Holder = { pid: process.pid, host: hostname(), startedAt: startOf(process.pid) };
  try {
    mkdirSync(directory, { recursive: true });
    take(path, me, directory);
  } catch (error) {
    if (error instanceof LogConfigError) throw error;
    throw new LogConfigError(
      `Cannot write the data directory ${directory}: ${(error as Error).message}. ` +
        `Make it writable for this user, or name another with --data or PRESENTLY_DATA.`,
    );
  }
  return () => rmSync(path, { force: true });
}

function take(path: string, me: Holder, directory: string): void {
  for (let tries = 0; tries < 3; tries++) {
    try {
      writeFileSync(path, JSON.stringify(me), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(path);
    if (holder !== null && isAlive(holder, me)) {
      throw new LogConfigError(
        `The data directory ${directory} is in use by process ${holder.pid} on ${holder.host}. ` +
          `Stop that one first, or name another directory with --data.`,
      );
    }
    rmSync(path, { force: true });
  }
  throw new LogConfigError(`The data directory ${directory} is being taken by another process right now.`);
}

function read(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null; // half written by a process that died, or just given back
  }
}

function isAlive(holder: Holder, me: Holder): boolean {
  // A container's name changes with each start, so another host's lock says nothing: its process can't be asked.
  if (holder.host !== me.host) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return holder.startedAt === null || holder.startedAt === startOf(holder.pid);
}

/** Start time of a process in clock ticks, where there is a /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
