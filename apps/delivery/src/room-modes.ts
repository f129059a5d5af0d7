import type { Frame, RoomMode } from './frame.ts';
import type { PresenceView } from './presence-view.ts';
import type { Cursor } from './tie-span.ts';
import { MAYBE, NO, YES } from './tie-span.ts';

/** What one subscription has to tell of whether its user's rooms convey presence. A client takes every room for `full` until it is told. */
export class RoomModes {
  /** By room: what the client was told. */
  private readonly told = new Map<string, RoomMode | 'unknown'>();

  constructor(
    private readonly userId: string,
    private readonly presence: PresenceView,
  ) {}

  /** For a client that was told all up to a cursor, or, with null, nothing. */
  begin(since: Cursor | null): void {
    for (const { id: roomId } of this.presence.roomsOf(this.userId)) {
      const told = since === null ? 'full' : this.toldAt(roomId, since);
      if (told !== this.mode(roomId)) this.told.set(roomId, told);
    }
  }

  /** Must be called before the room, or the user's membership of it, changes. */
  touch(roomId: string): void {
    if (!this.told.has(roomId)) this.told.set(roomId, this.mode(roomId));
  }

  get size(): number {
    return this.told.size;
  }

  /** Takes all there is to be told. */
  take(): Frame[] {
    const frames: Frame[] = [];
    for (const [roomId, told] of this.told) {
      const mode = this.mode(roomId);
      if (mode !== told) frames.push({ type: 'room.presence', room_id: roomId, mode });
    }
    this.told.clear();
    return frames;
  }

  /** Of a room that the user has left it is `full` again: else the client would not know what it is when it comes back. */
  private mode(roomId: string): RoomMode {
    const room = this.presence.rooms.get(roomId);
    if (room?.members.get(this.userId)?.until !== null) return 'full';
    return this.presence.conveys(room, 'now') === YES ? 'full' : 'off';
  }

  private toldAt(roomId: string, since: Cursor): RoomMode | 'unknown' {
    const room = this.presence.rooms.get(roomId);
    const wasThere = this.presence.heldMembership(roomId, this.userId, since);
    if (room === undefined || wasThere === NO) return 'full';
    const conveyed = this.presence.conveys(room, since);
    if (wasThere === MAYBE || conveyed === MAYBE) return 'unknown';
    return conveyed === YES ? 'full' : 'off';
  }
}
