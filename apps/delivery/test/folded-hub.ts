import type { PartitionEvent, UserEvent } from '#domain/events';
import { Fold } from '#domain/fold';
import { partitionOf } from '#domain/partitioner';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { Hub } from '#delivery/hub';
import type { Frame } from '#delivery/frame';
import type { Place } from '#delivery/place';
import { PresenceView } from '#delivery/presence-view';
import type { Subscription } from '#delivery/subscription';
import { MovableClock } from '../../../test/support/movable-clock.ts';

export interface FoldedHubOptions {
  readonly partitionCount?: number;
  readonly membersMax?: number;
  readonly excluded?: readonly string[];
}

/** What a node has read, from the events on: the projector's commits come to it at once. */
export class FoldedHub {
  readonly clock = new MovableClock();
  readonly view: PresenceView;
  readonly hub: Hub;
  private readonly folds: Fold[];
  private readonly offsets: number[];

  constructor({ partitionCount = 1, membersMax = 1_000, excluded = [] }: FoldedHubOptions = {}) {
    this.view = new PresenceView(partitionCount, { membersMax, excluded: new Set(excluded) });
    this.hub = new Hub(this.view, this.clock, 0);
    this.folds = Array.from({ length: partitionCount }, () => new Fold());
    this.offsets = this.folds.map(() => 0);
  }

  /** Each event is a commit of its own. */
  happen(...events: readonly UserEvent[]): void {
    for (const event of events) this.commit(event);
  }

  /** All of them are one commit of each partition. */
  commit(...events: readonly UserEvent[]): void {
    const partitions = new Set(events.map((event) => this.fold(event, partitionOf(event.user_id, this.folds.length))));
    for (const partition of partitions) this.write(partition);
  }

  /** Time goes on, and what falls due is announced. */
  pass(ms: number): void {
    this.clock.move(ms);
    for (const partition of this.folds.keys()) {
      this.fold({ type: 'tick' }, partition);
      this.write(partition);
    }
  }

  /** Where a client stands that was told all. */
  get place(): Place {
    return { cursor: this.hub.cursor, after: null };
  }

  /** A client that begins, and what it is told at once. */
  begin(userId: string, since: Place | null = null): { subscription: Subscription; frames: readonly Frame[] } {
    const { subscription } = this.hub.subscribe(userId, since, () => undefined);
    return { subscription, frames: this.told(subscription) };
  }

  /** All that a client is told now. */
  told(subscription: Subscription): readonly Frame[] {
    const frames: Frame[] = [];
    while (subscription.hasNews) frames.push(...subscription.flush(this.clock.now()).frames);
    return frames;
  }

  private fold(event: UserEvent | PartitionEvent, partition: number): number {
    const offset = this.offsets[partition] ?? 0;
    const key = 'user_id' in event ? event.user_id : null;
    this.folds[partition]?.apply({ offset, timestamp: this.clock.now(), key, decoded: { event } });
    this.offsets[partition] = offset + 1;
    return partition;
  }

  private write(partition: number): void {
    const fold = this.folds[partition];
    if (fold === undefined) throw new RangeError(`There is no partition ${partition}.`);
    const checkpoint = checkpointRecord('log', fold.checkpoint());
    for (const { value } of toRecords(fold.drain(), checkpoint)) if (value !== null) this.hub.apply(value);
    this.hub.checkpoint(partition, checkpoint);
  }
}

export const joined = (user_id: string, room_id = '!r:x'): UserEvent => ({ type: 'room.joined', user_id, room_id });
export const left = (user_id: string, room_id = '!r:x'): UserEvent => ({ type: 'room.left', user_id, room_id });
export const connected = (user_id: string, device_id = 'D'): UserEvent => ({
  type: 'device.connected',
  user_id,
  device_id,
});
export const loggedOut = (user_id: string, device_id = 'D'): UserEvent => ({
  type: 'device.disconnected',
  user_id,
  device_id,
  reason: 'logout',
});
export const removed = (user_id: string): UserEvent => ({ type: 'user.removed', user_id });
export const says = (user_id: string, status_msg: string | null): UserEvent => ({
  type: 'status.set',
  user_id,
  status_msg,
});
export const shows = (
  user_id: string,
  show_to: 'everyone' | 'contacts' | 'nobody',
  blocked: string[] = [],
): UserEvent => ({
  type: 'visibility.set',
  user_id,
  show_to,
  blocked,
});

/** Frames in short: whom they name and what they say. */
export function brief(frames: readonly Frame[]): string[] {
  return frames.map((frame) => {
    switch (frame.type) {
      case 'snapshot':
        return `snapshot ${frame.events.map(({ sender }) => sender).join(' ')}${frame.more ? ' …' : ''}`.trim();
      case 'm.presence': {
        const { presence, status_msg: message } = frame.content;
        return `${frame.sender} ${presence}${message === undefined ? '' : ` "${message}"`}`;
      }
      case 'forget':
        return `forget ${frame.user_id}`;
      case 'room.presence':
        return `${frame.room_id} ${frame.mode}`;
      default:
        return `${frame.type.replace('m.presence_', '')} ${frame.sender}`;
    }
  });
}
