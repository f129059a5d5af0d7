import type { Presence } from '#domain/state';
import type { Column, Row } from '../table.ts';

export const ROOM_COLUMNS: readonly Column[] = [
  { name: 'room_id', type: 'text' },
  { name: 'members', type: 'integer' },
  { name: 'members_max', type: 'integer' },
  { name: 'announcements', type: 'integer' },
  { name: 'online_ms', type: 'integer' },
  { name: 'unavailable_ms', type: 'integer' },
];

interface RoomTime {
  members: number;
  membersMax: number;
  announcements: number;
  online: number;
  unavailable: number;
}

/** What the members of each room were shown as while they were members. Times are milliseconds, added up over members. */
export class RoomTimes {
  private readonly rooms = new Map<string, RoomTime>();

  joined(roomId: string): void {
    const room = this.room(roomId);
    room.membersMax = Math.max(room.membersMax, ++room.members);
  }

  left(roomId: string): void {
    this.room(roomId).members--;
  }

  announced(roomIds: Iterable<string>): void {
    for (const roomId of roomIds) this.room(roomId).announcements++;
  }

  /** A member of these rooms was shown so for `ms`. */
  shown(roomIds: Iterable<string>, presence: Presence, ms: number): void {
    if (presence === 'offline') return;
    for (const roomId of roomIds) this.room(roomId)[presence] += ms;
  }

  /** Rooms by id; `members` is at the end. */
  *rows(only: string | null): Iterable<Row> {
    for (const roomId of [...this.rooms.keys()].sort()) {
      if (only !== null && roomId !== only) continue;
      const { members, membersMax, announcements, online, unavailable } = this.room(roomId);
      yield [roomId, members, membersMax, announcements, online, unavailable];
    }
  }

  private room(id: string): RoomTime {
    let room = this.rooms.get(id);
    if (room === undefined) {
      room = { members: 0, membersMax: 0, announcements: 0, online: 0, unavailable: 0 };
      this.rooms.set(id, room);
    }
    return room;
  }
}
