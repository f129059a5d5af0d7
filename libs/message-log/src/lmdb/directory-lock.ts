import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { freshId } from '#runtime/clock/chance';
import { LogConfigError } from '../errors.ts';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same id; null where the system does not say. */
  readonly startedAt: string | null;
}

const TRIES_MAX = 3;

/**
 * Takes a data directory for this process, making it if need be; returns what gives it back. LMDB itself would let a
 * second process in. A lock left behind by a process that is gone is taken over.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'presently.lock');
  const me: Holder = { pid: process.pid, host: hostname(), startedAt: statusOf(process.pid)?.startedAt ?? null };
  // With an id, so that no two locks are the same, whoever has made them.
  const lock = JSON.stringify({ ...me, id: freshId() });
  try {
    mkdirSync(directory, { recursive: true });
    take(path, lock, me, directory);
  } catch (error) {
    if (error instanceof LogConfigError) throw error;
    throw new LogConfigError(
      `Cannot write the data directory ${directory}: ${(error as Error).message}. ` +
        `Make it writable for this user, or name another with --data or PRESENTLY_DATA.`,
    );
  }
  return () => {
    if (read(path) === lock) rmSync(path, { force: true });
  };
}

function take(path: string, lock: string, me: Holder, directory: string): void {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (create(path, lock)) return;
    const found = read(path);
    if (found === null) continue; // just given back
    const holder = parse(found);
    if (holder !== null && isAlive(holder, me)) {
      throw new LogConfigError(
        `The data directory ${directory} is in use by process ${holder.pid} on ${holder.host}. ` +
          `Stop that one first, or name another directory with --data.`,
      );
    }
    removeStale(path, found);
  }
  throw new LogConfigError(`The data directory ${directory} is being taken by another process right now.`);
}

/** Makes the lock, with all that it says, at once: nobody sees half of it, and a full disk leaves none. False: there is one. */
function create(path: string, lock: string): boolean {
  const draft = `${path}.${freshId()}`;
  try {
    writeFileSync(draft, lock, { flag: 'wx' });
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the lock that was judged stale, and no other: by now another starter may have put its own there. */
export function removeStale(path: string, judged: string): void {
  const aside = `${path}.${freshId()}`;
  try {
    renameSync(path, aside);
    if (read(aside) !== judged) linkSync(aside, path);
  } catch (error) {
    // Somebody else has removed it, or has put another in its place: look again.
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Null: no lock of ours; what was written of it was lost in a crash of the machine. */
function parse(lock: string): Holder | null {
  try {
    return JSON.parse(lock) as Holder;
  } catch {
    return null;
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
  const status = statusOf(holder.pid);
  // One that has ended, and that its parent has not asked about yet, still has its id.
  if (status !== null && ['Z', 'X'].includes(status.state)) return false;
  return holder.startedAt === null || holder.startedAt === (status?.startedAt ?? null);
}

/** State of a process, and its start time in clock ticks, where there is a /proc. */
function statusOf(pid: number): { readonly state: string; readonly startedAt: string | null } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // From the third field on: the second is the program's name in brackets, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAt: fields[19] ?? null };
  } catch {
    return null;
  }
}
