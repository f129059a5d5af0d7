import { Coder } from '#domain/codes';
import type { Fold } from '#domain/fold';
import type { PackedUser } from '#domain/packed-user';
import { packUser } from '#domain/packed-user';
import { Restore } from '#domain/restore';
import type { CheckpointRecord } from '#domain/state-records';
import type { ImagePart, ImageSubject, ImageTarget } from '#service/images/image';

/** What of a worker can be put in an image. */
export interface WorkerState {
  readonly partition: number;
  readonly fold: Fold | null;
  /** The worker was thrown away. */
  readonly isOver: boolean;
  /** Some of what is in the fold is not committed. */
  readonly isUncommitted: boolean;
  readonly checkpoint: CheckpointRecord | null;
  /** Offset of the state before which all is in the fold. */
  readonly stateNext: number;
}

export const imageName = (partition: number): string => `projector-${partition}`;

/** A worker's fold, as an image shows it. */
export class WorkerImage implements ImageSubject<PackedUser> {
  readonly name: string;

  constructor(private readonly worker: WorkerState) {
    this.name = imageName(worker.partition);
  }

  get size(): number {
    return this.worker.fold?.userCount ?? 0;
  }

  get isSettled(): boolean {
    return !this.worker.isUncommitted;
  }

  get isOver(): boolean {
    return this.worker.isOver;
  }

  parts(): readonly ImagePart[] | null {
    const { partition, stateNext: from, checkpoint } = this.worker;
    return checkpoint === null ? null : [{ partition, from, checkpoint }];
  }

  *rows(): Iterable<PackedUser> {
    const coders = { rooms: new Coder(), sources: new Coder(), causes: new Coder() };
    for (const user of this.worker.fold?.remembered() ?? []) yield packUser(user, coders);
  }
}

/** What a worker restores, from an image as far as there is one. */
export class RestoreFromImage implements ImageTarget<PackedUser> {
  restore = new Restore();
  /** Offset of the state from which to read on. */
  from = 0;

  take(row: PackedUser): void {
    this.restore.takePacked(row);
  }

  taken([part]: readonly ImagePart[]): void {
    this.restore.checkpoint = part?.checkpoint ?? null;
    this.from = part?.from ?? 0;
  }

  forget(): void {
    this.restore = new Restore();
    this.from = 0;
  }
}
