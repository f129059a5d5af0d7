import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the suites of one Jest run share: a directory for all that their brokers write, and the process they end with. */
export interface Run {
  readonly directory: string;
  /** When this process is gone, however it ended, its brokers are killed and the directory is removed. */
  readonly ownerPid: number;
}

let ownRun: Run | undefined;

/** The Jest run's, made by jest-setup.js; in a program outside of Jest one of its own. */
export function currentRun(): Run {
  const { KAFKA_TEST_RUN: directory = '', KAFKA_TEST_RUN_OWNER: owner } = process.env;
  return directory === '' ? (ownRun ??= newRun()) : { directory, ownerPid: Number(owner) };
}

/** Says a line at the very end of the Jest run, where it is not lost among the results; once, however often it is said. */
export function sayAtEnd(line: string): void {
  appendFileSync(join(currentRun().directory, 'notes'), `${line}\n`);
}

function newRun(): Run {
  const directory = mkdtempSync(join(tmpdir(), 'presently-kafka-'));
  process.once('exit', () => {
    const pids = join(directory, 'pids');
    // Where brokers still run, their watchdogs end them, and then remove it.
    if (!existsSync(pids) || readdirSync(pids).length === 0) rmSync(directory, { recursive: true, force: true });
  });
  return { directory, ownerPid: process.pid };
}
