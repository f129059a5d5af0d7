import { Changes } from '#domain/changes';
import type { Fold, FoldOptions } from '#domain/fold';
import { Restore } from '#domain/restore';
import { NEVER_CHOSEN } from '#domain/state';
import type { StateRecord } from '#domain/state-records';
import { checkpointRecord, toRecords } from '#domain/state-records';

/** Users whose records are made at once. */
const PIECE_USERS = 500;

/** A fold's whole state as the records of `state`, with a checkpoint last. `name` is that of what was folded. */
export function* stateOf(fold: Fold, name: string): Iterable<StateRecord> {
  const checkpoint = checkpointRecord(name, fold.checkpoint());
  let piece = new Changes();
  for (const user of fold.remembered()) {
    piece.users.add(user);
    for (const kind of ['member', 'invite', 'answer'] as const) {
      for (const [other, tie] of user.ties[kind] ?? []) piece.ties.push({ kind, userId: user.id, other, tie });
    }
    const { visibility: choice } = user;
    if (choice !== NEVER_CHOSEN) piece.visibility.push({ userId: user.id, choice, before: null });
    if (piece.users.size < PIECE_USERS) continue;
    yield* recordsOf(piece);
    piece = new Changes();
  }
  yield* recordsOf(piece);
  yield checkpoint;

  function* recordsOf(changes: Changes): Iterable<StateRecord> {
    for (const { value } of toRecords(changes, checkpoint)) if (value !== null && value !== checkpoint) yield value;
  }
}

/** The fold whose state these are. Throws `OtherRulesError` when it was made by other rules than this version's. */
export function foldOf(records: Iterable<StateRecord>, options: FoldOptions): Fold {
  const restore = new Restore();
  for (const record of records) restore.take('', record); // a key only says what is to be forgotten
  return restore.fold(options);
}
