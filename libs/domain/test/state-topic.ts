import type { Changes } from '#domain/changes';
import { Coder } from '#domain/codes';
import type { Fold, FoldOptions } from '#domain/fold';
import type { PackedUser } from '#domain/packed-user';
import { packUser } from '#domain/packed-user';
import { Restore } from '#domain/restore';
import type { StateRecord } from '#domain/state-records';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { Scene } from './given.ts';

/** One partition of `presence.state`, as JSON. */
export class StateTopic {
  private written: (readonly [key: string, text: string | null])[] = [];

  /** Writes what the fold changed since the last time, and returns it. */
  commit(fold: Fold): Changes {
    const changes = fold.drain();
    for (const { key, value } of toRecords(changes, checkpointRecord('log', fold.checkpoint()))) {
      this.written.push([key, value === null ? null : JSON.stringify(value)]);
    }
    return changes;
  }

  /** Keeps the last record of each key, where it is. */
  compact(): void {
    const last = new Map(this.written.map(([key], i) => [key, i]));
    this.written = this.written.filter(([key, text], i) => last.get(key) === i && text !== null);
  }

  restore(options: FoldOptions = {}): Fold {
    const restore = new Restore();
    for (const [key, text] of this.written) {
      restore.take(key, text === null ? null : (JSON.parse(text) as StateRecord));
    }
    return restore.fold(options);
  }

  /** As `restore`, from an image of all users, and the checkpoint. */
  static restoreFromImage(fold: Fold): Fold {
    const coders = { rooms: new Coder(), sources: new Coder(), causes: new Coder() };
    const rows = JSON.stringify([...fold.remembered()].map((user) => packUser(user, coders)));
    const restore = new Restore();
    for (const row of JSON.parse(rows) as PackedUser[]) restore.takePacked(row);
    restore.checkpoint = checkpointRecord('log', fold.checkpoint());
    return restore.fold({});
  }

  /** The last record of each key. */
  get records(): Record<string, StateRecord> {
    const records: Record<string, StateRecord> = {};
    for (const [key, text] of this.written) {
      if (text === null) delete records[key];
      else records[key] = JSON.parse(text) as StateRecord;
    }
    return records;
  }

  /** The keys that a reader finds, in the order in which they were written last. */
  get keys(): string[] {
    this.compact();
    return this.written.map(([key]) => key);
  }
}

/** What that log leaves in the state topic, and the fold itself. */
export function committed(log: string): { state: StateTopic; fold: Scene['fold'] } {
  const scene = new Scene();
  const state = new StateTopic();
  scene.takeAll(log);
  state.commit(scene.fold);
  return { state, fold: scene.fold };
}
