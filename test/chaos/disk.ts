import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SIZE = '512m';
const FILLING_BYTES = 1 << 20;
const SYNC_MS = 150;

/** A small disk for a data directory: a file system of its own in memory, if mounting is allowed. */
export class Disk {
  readonly data: string;
  private readonly isMounted: boolean;

  constructor(private readonly directory: string) {
    mkdirSync(directory);
    this.data = join(directory, 'data');
    this.isMounted = succeeds('mount', '-t', 'tmpfs', '-o', `size=${SIZE}`, 'presently-chaos', directory);
  }

  /** It is full for a while; without a file system of its own, no file of the process can grow. */
  async fill(pid: number, lastsMs: number): Promise<void> {
    const filling = join(this.directory, 'filling');
    if (this.isMounted) fillUp(filling);
    else
      limitFiles(pid, String(Math.max(...readdirSync(this.data).map((name) => statSync(join(this.data, name)).size))));
    await sleep(lastsMs);
    if (this.isMounted) rmSync(filling);
    else limitFiles(pid, 'unlimited');
  }

  /** Each time that the process has the disk keep what it has written takes long, for a while. Needs strace. */
  async slowDown(pid: number, lastsMs: number): Promise<void> {
    const calls = 'fdatasync,fsync,msync';
    const what = ['-e', `trace=${calls}`, '-e', `inject=${calls}:delay_exit=${SYNC_MS * 1_000}`];
    const strace = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...what, '-p', String(pid)], { stdio: 'ignore' });
    const ended = once(strace, 'exit').catch((error: unknown) => {
      throw new Error(`A slow disk needs strace: ${(error as Error).message}`);
    });
    await Promise.race([sleep(lastsMs), ended]);
    strace.kill('SIGTERM');
    await ended;
  }

  dispose(): void {
    if (this.isMounted) execFileSync('umount', ['-l', this.directory]);
  }
}

function fillUp(file: string): void {
  const filling = openSync(file, 'w');
  try {
    for (let bytes = FILLING_BYTES; bytes > 0;) {
      try {
        writeSync(filling, Buffer.alloc(bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        bytes >>= 1;
      }
    }
  } finally {
    closeSync(filling);
  }
}

/** A process that has ended meanwhile needs no limit. */
function limitFiles(pid: number, bytes: string): void {
  succeeds('prlimit', '--pid', String(pid), `--fsize=${bytes}:unlimited`);
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
