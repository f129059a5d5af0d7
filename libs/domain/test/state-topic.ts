import type { Changes } from '#domain/changes';
import type { Fold, FoldOptions } from '#domain/fold';
import { Restore } from '#domain/restore';
import type { CheckpointRecord, StateRecord } from '#domain/state-records';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { Scene } from './given.ts';

/** One partition of `presence.state`, compacted: the last text of each key, in the order in which they were written. */
export class StateTopic {
  private readonly latest = new Map<string, string>();

  /** Writes what the fold changed since the last time, and returns it. */
  commit(fold: Fold): Changes {
    const changes = fold.drain();
    for (const { key, value } of toRecords(changes, checkpointRecord('log', fold.checkpoint()))) {
      this.latest.delete(key);
      if (value !== null) this.latest.set(key, JSON.stringify(value));
    }
    return changes;
  }

  restore(options: FoldOptions = {}): Fold {
    const restore = new Restore();
    for (const [key, text] of this.latest) restore.take(key, JSON.parse(text) as StateRecord);
    return restore.fold(options);
  }

  get checkpoint(): CheckpointRecord {
    return this.records.checkpoint as CheckpointRecord;
  }

  /** All that it holds, by key. */
  get records(): Record<string, StateRecord> {
    const sorted = [...this.latest].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([key, text]) => [key, JSON.parse(text) as StateRecord]));
  }

  /** The keys in the order in which they were written last. */
  get keys(): string[] {
    return [...this.latest.keys()];
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
