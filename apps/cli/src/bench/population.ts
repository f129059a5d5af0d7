import type { UserEvent } from '#domain/events';

const ROOM_MEMBERS = 100;
const ROOMS_PER_USER = 3;
const SOURCES = 10;
/** Primes, so that neighbours in one room are strangers in the next. */
const STRIDES = [1, 7_919, 104_729];

/** Events of a user: one device, three rooms. */
export const EVENTS_PER_USER = 1 + ROOMS_PER_USER;

/** Many users with one device and three rooms each; rooms have a hundred members. */
export class Population {
  constructor(readonly size: number) {}

  userId(index: number): string {
    return `@user-${index}:bench.example`;
  }

  /** What makes a user what it is. */
  events(index: number): UserEvent[] {
    const user_id = this.userId(index);
    const source_id = `node-${index % SOURCES}`;
    return [
      { type: 'device.connected', user_id, device_id: 'PHONE', source_id },
      ...STRIDES.map((stride, kind): UserEvent => {
        const seat = (index * stride) % this.size;
        return {
          type: 'room.joined',
          user_id,
          room_id: `!room-${kind}-${Math.floor(seat / ROOM_MEMBERS)}:bench.example`,
        };
      }),
    ];
  }
}
