import type { PresenceEvent, UserEvent } from '#domain/events';
import { SeededRandom } from '#runtime/clock/seeded-random';
import { Agenda } from './agenda.ts';
import { Conversation } from './conversation.ts';
import { MINUTE } from './durations.ts';
import { roomsAround, VIEWER } from './names.ts';
import { Netsplits } from './netsplit.ts';
import { Person } from './person.ts';

/** What happened in a longer pause is left out: the crowd slept as long as the machine. */
export const CATCH_UP_MS_MAX = MINUTE;
/** Prime, so that crowds of neighbouring seeds share no person's dice. */
const SEED_STRIDE = 1_000_003;

export interface CrowdOptions {
  readonly seed: number;
  /** Milliseconds since the epoch. */
  readonly startAt: number;
  readonly users: number;
  /** What holds the connections of the crowd: new for each, so that those of an earlier one end with its lease. */
  readonly sourceId: string;
}

/**
 * A synthetic crowd with the habits of real ones: people come and go, talk in bursts, are idle for hours, say that they are
 * away, and are cut off together. It reads no clock and rolls no dice but the seed's: the same options give the same events.
 */
export class Crowd {
  private readonly people: Person[] = [];
  private readonly agenda = new Agenda();
  private reachedAt: number;
  /** How far the crowd's clock is behind the true one: the sum of the pauses. */
  private behindMs = 0;

  constructor(private readonly options: CrowdOptions) {
    const { seed, startAt, users } = options;
    this.reachedAt = startAt;
    const random = (stream: number): SeededRandom => new SeededRandom(seed * SEED_STRIDE + stream);
    for (let index = 0; index < users; index++) this.people.push(new Person(index, random(index), startAt));
    const devices = this.people.flatMap((person) => person.devices);
    const rooms = [...membersByRoom(this.people).values()];
    const talk = rooms.map((members, index) => new Conversation(members, random(users + index), startAt));
    const netsplits = new Netsplits(devices, this.agenda, random(-1), startAt);
    for (const actor of [netsplits, ...this.people, ...devices, ...talk]) this.agenda.plan(actor);
  }

  /** How things stand at the start: who is in which room, connected, idle, away. Each user's events are in order. */
  opening(): PresenceEvent[] {
    const { startAt } = this.options;
    const joined = roomsAround(0).map((room): UserEvent => ({ type: 'room.joined', user_id: VIEWER, room_id: room }));
    return [...joined, ...this.people.flatMap((person) => person.opening())].map((event) =>
      this.told(event, event.ts ?? startAt),
    );
  }

  /**
   * What happened since the last call up to `now` (milliseconds), in order of `ts`. After more than `CATCH_UP_MS_MAX`, or
   * when the clock has gone back as far, nothing did, and the crowd goes on from `now`.
   */
  eventsUntil(now: number): PresenceEvent[] {
    const passedMs = now - this.behindMs - this.reachedAt;
    if (Math.abs(passedMs) > CATCH_UP_MS_MAX) this.behindMs += passedMs;
    else this.reachedAt += Math.max(0, passedMs);
    const events: PresenceEvent[] = [];
    for (let actor = this.agenda.take(this.reachedAt); actor !== null; actor = this.agenda.take(this.reachedAt)) {
      const at = actor.nextAt;
      for (const event of actor.act(at)) events.push(this.told(event, at + this.behindMs));
      this.agenda.plan(actor);
    }
    return events;
  }

  /** When `eventsUntil` is to be called next (milliseconds); it may then turn out that nothing happened. */
  nextAt(): number {
    return this.agenda.nextAt() + this.behindMs;
  }

  private told(event: UserEvent, ts: number): PresenceEvent {
    return event.type === 'device.connected' ? { ...event, ts, source_id: this.options.sourceId } : { ...event, ts };
  }
}

function membersByRoom(people: readonly Person[]): Map<string, Person[]> {
  const members = new Map<string, Person[]>();
  for (const person of people) {
    for (const room of person.rooms) {
      const known = members.get(room);
      if (known === undefined) members.set(room, [person]);
      else known.push(person);
    }
  }
  return members;
}
