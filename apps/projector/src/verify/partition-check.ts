import type { CheckpointRecord, KeyedState } from '#domain/state-records';
import { CHECKPOINT_KEY, positionOf, RULES_VERSION } from '#domain/state-records';
import { LogConfigError } from '#message-log/errors';
import type { MessageLog } from '#message-log/message-log';
import { CommandError } from '#runtime/process';
import { DeadLetterCheck } from './dead-letter-check.ts';
import type { Difference } from './difference.ts';
import { differenceOf, earliest } from './difference.ts';
import { FreshFold } from './fresh-fold.ts';
import type { StateCut } from './state-cut.ts';
import { readStateCut } from './state-cut.ts';

/** What was compared of a partition, and the first difference; null: the log, the state and a fresh fold agree. */
export interface PartitionResult {
  readonly partition: number;
  /** Events before this offset were folded. */
  readonly offset: number;
  readonly events: number;
  readonly users: number;
  readonly ties: number;
  readonly deadLetters: number;
  readonly difference: Difference | null;
  /** The fold as it was compared, to go on with. */
  readonly fold: FreshFold;
}

/**
 * Compares a partition of `state`, as it is at its last checkpoint, with a fresh fold of the events up to exactly there,
 * record by record, and the dead letters with what that fold refuses. A projector may go on meanwhile. Throws
 * `CommandError` when events were deleted, `LogConfigError` when the state was made by other rules or from another log: then
 * there is nothing to compare. `progress` hears how many offsets more are done.
 */
export async function checkPartition(
  log: MessageLog,
  partition: number,
  progress: (offsets: number) => void = () => undefined,
): Promise<PartitionResult> {
  await requireAllEvents(log, partition);
  const cut = await readStateCut(log, partition);
  const { checkpoint } = cut;
  if (checkpoint !== null) requireComparable(log, partition, checkpoint);
  const position = positionOf(checkpoint?.next ?? [0, 0]);
  const fold = new FreshFold(log, partition);
  const letters = new DeadLetterCheck(log, partition);
  await letters.begin();
  await fold.foldTo(position.offset, (record, reason) => letters.refused(record, reason), progress);
  await letters.end(position.offset);
  const ofState = checkpoint === null ? firstDifference(cut, fold) : await atStops(cut, checkpoint, fold);
  const difference = earliest([hole(fold), letters.difference, ofState]);
  let [users, ties] = [0, 0];
  for (const key of cut.records.keys()) {
    if (key.startsWith('user|')) users++;
    else if (!key.startsWith('visibility|')) ties++;
  }
  return {
    partition,
    offset: position.offset,
    events: fold.events,
    users,
    ties,
    deadLetters: letters.count,
    difference,
    fold,
  };
}

async function requireAllEvents(log: MessageLog, partition: number): Promise<void> {
  const { first } = await log.range('events', partition);
  if (first === 0) return;
  throw new CommandError(
    `Partition ${partition} of the events begins at offset ${first}: what came before was deleted, so that nothing can ` +
      `be folded afresh. Verify a log whose events are all kept.`,
  );
}

function requireComparable(log: MessageLog, partition: number, checkpoint: CheckpointRecord): void {
  if (checkpoint.rules !== RULES_VERSION) {
    throw new LogConfigError(
      `The state was made by rules version ${checkpoint.rules}, and this is version ${RULES_VERSION}: ` +
        `verify it with the version that made it.`,
    );
  }
  if (checkpoint.log_id !== log.logId) {
    throw new LogConfigError(
      `The state of partition ${partition} was made from another log (${checkpoint.log_id}, this is ${log.logId}).`,
    );
  }
}

/**
 * Compares at every stop to which the checkpoint fits. More than one can, and it is enough that the state is as it has to
 * be at one of them.
 */
async function atStops(cut: StateCut, checkpoint: CheckpointRecord, fold: FreshFold): Promise<Difference | null> {
  const [theirs, fitting, others]: [string, Difference[], Difference[]] = [JSON.stringify(checkpoint), [], []];
  for await (const stop of fold.stopsAt(positionOf(checkpoint.next))) {
    const difference = differenceOf(CHECKPOINT_KEY, theirs, textOf(stop));
    if (difference !== null) {
      others.push(difference);
      continue;
    }
    const ofRecords = firstDifference(cut, fold);
    if (ofRecords === null) return null;
    fitting.push(ofRecords);
  }
  return fitting[0] ?? earliest([firstDifference(cut, fold), others[0] ?? null]);
}

/** The earliest difference by offset between the state's records and the fold's. */
function firstDifference({ records }: StateCut, fold: FreshFold): Difference | null {
  let first: Difference | null = null;
  let common = 0;
  for (const record of fold.records()) {
    const text = records.get(record.key);
    if (text !== undefined) common++;
    first = earliest([first, differenceOf(record.key, text, textOf(record))]);
  }
  if (common < records.size) {
    const known = new Set([...fold.records()].map(({ key }) => key));
    for (const [key, text] of records) {
      if (!known.has(key)) first = earliest([first, differenceOf(key, text, undefined)]);
    }
  }
  return first;
}

function hole({ hole: offset }: FreshFold): Difference | null {
  if (offset === null) return null;
  return { subject: 'the events', offset, text: 'there is none, where there has to be one' };
}

const textOf = ({ value }: KeyedState): string | undefined => (value === null ? undefined : JSON.stringify(value));
