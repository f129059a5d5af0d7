import type { DeadLetter } from '#domain/changes';
import type { FoldOptions, FoldRecord } from '#domain/fold';
import { Fold } from '#domain/fold';
import type { Policy } from '#domain/policy';
import { ARCHIVE_POLICY, changePolicy, LIVE_POLICY } from '#domain/policy';
import { decodeValue } from '#message-log/decode-value';
import type { MessageLog } from '#message-log/message-log';
import { CommandError } from '#runtime/process';
import { nameOf, readEventFile } from './event-file.ts';
import type { Progress } from './progress.ts';

/** Values of the policy that hold whatever the log says, milliseconds. */
export interface WhatIf {
  readonly idleAfter?: number;
  readonly activeFor?: number;
  readonly offlineAfter?: number;
}

/** A partition to be folded. */
export interface FoldSource {
  /** What it is called to people. */
  readonly name: string;
  readonly fold: Fold;
  readonly records: AsyncIterable<readonly FoldRecord[]>;
  readonly partition: number | null;
  readonly deadLetters: DeadLetterCount;
}

/** The records that cannot be folded. */
class DeadLetterCount {
  count = 0;
  first: DeadLetter | undefined;

  add(letters: readonly DeadLetter[]): void {
    this.count += letters.length;
    this.first ??= letters[0];
  }
}

/** Event files, each a partition of its own, in file order. */
export function fileSources(files: readonly string[], whatIf: WhatIf, progress: Progress): FoldSource[] {
  const read = files.map(() => 0);
  const totals: (number | null)[] = files.map(() => null);
  return files.map((path, index) => {
    const lines = readEventFile(path, (bytes, total) => {
      read[index] = bytes;
      totals[index] = total;
      progress.update(sum(read), totals.includes(null) ? null : sum(totals as number[]));
    });
    const fold = new Fold(foldOptions(ARCHIVE_POLICY, whatIf));
    const partition = files.length > 1 ? index : null;
    return { name: nameOf(path), fold, records: fileRecords(lines), partition, deadLetters: new DeadLetterCount() };
  });
}

async function* fileRecords(lines: ReturnType<typeof readEventFile>): AsyncIterable<FoldRecord[]> {
  let offset = 0;
  for await (const batch of lines)
    yield batch.map(({ decoded, timestamp }) => ({ offset: offset++, timestamp, decoded }));
}

/** The partitions of a log. Each is read when its records are asked for. */
export function logSources(log: MessageLog, whatIf: WhatIf, progress: Progress): FoldSource[] {
  const policy = log.kind === 'archive' ? ARCHIVE_POLICY : LIVE_POLICY;
  const done: number[] = [];
  const totals: number[] = [];
  return Array.from({ length: log.partitionCount }, (_, index) => {
    const partition = { index, count: log.partitionCount };
    const fold = new Fold({ ...foldOptions(policy, whatIf), partition });
    const report = (read: number, total: number): void => {
      done[index] = read;
      totals[index] = total;
      progress.update(sum(done), sum(totals));
    };
    const records = logRecords(log, index, report);
    return { name: `partition ${index}`, fold, records, partition: index, deadLetters: new DeadLetterCount() };
  });
}

async function* logRecords(
  log: MessageLog,
  partition: number,
  report: (read: number, total: number) => void,
): AsyncIterable<FoldRecord[]> {
  const { first } = await log.range('events', partition);
  if (first > 0) {
    throw new CommandError(
      `Partition ${partition} of the events begins at offset ${first}: what came before was deleted.`,
    );
  }
  for await (const { records, end } of log.read('events', partition, 0)) {
    yield records.map(({ offset, timestamp, key, value }) => ({
      offset,
      timestamp,
      key,
      decoded: decodeValue(value),
    }));
    report((records.at(-1)?.offset ?? 0) + 1, end);
  }
}

function foldOptions(policy: Policy, whatIf: WhatIf): FoldOptions {
  const policyOverride = {
    ...(whatIf.idleAfter === undefined ? {} : { idleAfterMs: whatIf.idleAfter }),
    ...(whatIf.activeFor === undefined ? {} : { activeForMs: whatIf.activeFor }),
    ...(whatIf.offlineAfter === undefined ? {} : { offlineAfterMs: whatIf.offlineAfter }),
  };
  const changed = changePolicy(policy, policyOverride);
  if (typeof changed === 'string') throw new CommandError(`${changed}: give --active-for as well as --idle-after.`);
  if (changed.offlineAfterMs === 0) throw new CommandError('--offline-after must be more than 0.');
  return { policy, policyOverride };
}

/** Says how many records could not be folded, and of the first where it is, and why. */
export function reportDeadLetters(sources: readonly FoldSource[]): void {
  const count = sum(sources.map(({ deadLetters }) => deadLetters.count));
  for (const { name, deadLetters } of sources) {
    if (deadLetters.first === undefined) continue;
    const { offset, reason } = deadLetters.first;
    process.stderr.write(
      `Records that cannot be folded: ${count}. The first is offset ${offset} of ${name}: ${reason}.\n`,
    );
    return;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
