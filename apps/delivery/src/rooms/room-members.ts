import type { EventOf } from '#domain/events';
import type { Appended } from '#message-log/message-log';
import type { EventWriter } from '#service/writing/event-writer';
import { EVENTS_PER_REQUEST_MAX } from '#service/writing/event-writer';
import type { Delivery } from '../delivery.ts';
import type { PresenceView } from '../presence-view.ts';
import { Turns } from '../turns.ts';
import type { MembersChanged, MembersPage, MembersQuery } from './members.schemas.ts';

type Membership = EventOf<'room.joined' | 'room.left'>;

/** Who is in a room, as upstream services read it and set it right. */
export class RoomMembers {
  private readonly turns = new Turns();

  constructor(
    private readonly delivery: Delivery,
    private readonly writer: EventWriter,
  ) {}

  page(roomId: string, { from, limit }: MembersQuery): MembersPage {
    const members = standingMembers(this.delivery.current(), roomId);
    const rest = members.filter((userId) => userId >= from).sort();
    const next = rest[limit];
    return { members: rest.slice(0, limit), total: members.length, ...(next === undefined ? {} : { next }) };
  }

  /**
   * Writes the joins and leaves that the room lacks, in comparison with its full list. Resolves when they are durable. When it
   * throws (429, 503), some of them may be, and the same list again writes the others.
   */
  async set(roomId: string, members: readonly string[]): Promise<MembersChanged> {
    return this.turns.take(roomId, async () => {
      const presence = await this.delivery.upToDate('all');
      const { joined, left } = difference(standingMembers(presence, roomId), members);
      const last = new Map<number, Appended>();
      // Who has left sees no more before anybody new is seen.
      for (const part of parts([...facts('room.left', roomId, left), ...facts('room.joined', roomId, joined)])) {
        for (const appended of await this.writer.append(part)) last.set(appended.partition, appended);
      }
      await this.delivery.applied([...last.values()]);
      return { joined: joined.length, left: left.length };
    });
  }
}

function standingMembers(presence: PresenceView, roomId: string): string[] {
  const members = presence.rooms.get(roomId)?.members ?? [];
  return [...members].filter(([, span]) => span.until === null).map(([userId]) => userId);
}

/** Who has joined, and who has left, when the room is to have these members. */
export function difference(are: readonly string[], shouldBe: readonly string[]): { joined: string[]; left: string[] } {
  const before = new Set(are);
  const after = new Set(shouldBe);
  return {
    joined: [...after].filter((userId) => !before.has(userId)),
    left: [...before].filter((userId) => !after.has(userId)),
  };
}

const facts = (type: Membership['type'], roomId: string, userIds: readonly string[]): Membership[] =>
  userIds.map((userId) => ({ type, user_id: userId, room_id: roomId }));

function* parts(events: readonly Membership[]): Iterable<Membership[]> {
  for (let from = 0; from < events.length; from += EVENTS_PER_REQUEST_MAX) {
    yield events.slice(from, from + EVENTS_PER_REQUEST_MAX);
  }
}
