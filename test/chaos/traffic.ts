import type { UserEvent } from '#domain/events';
import { SeededRandom } from '#runtime/clock/seeded-random';
import { readEventFile } from '#cli/event-file';
import type { SentEvent } from './ledger.ts';

/** One event in so many is not the file's. */
const MISCHIEF_EVERY = 40;
const RECENT_MAX = 200;

/** Two gateways that hold connections. Each dies after a while, without a word, and the next start of it has another name. */
export class Gateways {
  private readonly starts = [1, 1];

  idOf(index: number): string {
    return `gateway-${index}-${this.starts[index]}`;
  }

  get ids(): string[] {
    return this.starts.map((_, index) => this.idOf(index));
  }

  die(index: number): void {
    this.starts[index] = (this.starts[index] ?? 0) + 1;
  }
}

/** The events of a file, over and over, as if they happened now, and among them what clients are hidden from. */
export class Traffic {
  private readonly random: SeededRandom;
  private readonly recent: string[] = [];
  private readonly lastTs = new Map<string, number>();
  private readonly events: AsyncGenerator<UserEvent>;

  constructor(
    file: string,
    seed: number,
    private readonly gateways: Gateways,
    /** From whom users hide now and then, and who leave rooms and come back. */
    private readonly watchers: readonly string[],
    private readonly rooms: readonly string[],
  ) {
    this.random = new SeededRandom(seed);
    this.events = endlessly(file);
  }

  /** The next events; no two of a user have the same `ts`. */
  async next(count: number): Promise<(UserEvent & SentEvent)[]> {
    const events: (UserEvent & SentEvent)[] = [];
    while (events.length < count) {
      const { value } = (await this.events.next()) as { value: UserEvent };
      events.push(this.stamped(this.held(value)));
      this.recent.push(value.user_id);
      if (this.recent.length > RECENT_MAX) this.recent.shift();
      if (this.random.below(MISCHIEF_EVERY) === 0) events.push(this.stamped(this.mischief()));
    }
    return events;
  }

  /** `ts` is what the log knows an event by. */
  stamped<Event extends { readonly user_id: string; readonly type: string }>(event: Event): Event & SentEvent {
    const ts = Math.max(Date.now(), (this.lastTs.get(event.user_id) ?? 0) + 1);
    this.lastTs.set(event.user_id, ts);
    return { ...event, ts };
  }

  /** Half of the connections live only as long as their gateway. */
  private held(event: UserEvent): UserEvent {
    if (event.type !== 'device.connected' || spread(event.user_id, 2) === 0) return event;
    return { ...event, source_id: this.gateways.idOf(this.random.below(2)) };
  }

  private mischief(): UserEvent {
    const user_id = this.random.pick(this.recent);
    const watcher = this.random.pick(this.watchers);
    const room_id = this.random.pick(this.rooms);
    return this.random.weighted<UserEvent>([
      [4, { type: 'visibility.set', user_id, show_to: 'nobody', blocked: [] }],
      [4, { type: 'visibility.set', user_id, show_to: 'everyone', blocked: [watcher] }],
      [8, { type: 'visibility.set', user_id, show_to: 'everyone', blocked: [] }],
      [4, { type: 'status.set', user_id, status_msg: `${this.random.below(100)} things to do` }],
      [2, { type: 'status.set', user_id, presence: 'offline' }],
      [4, { type: 'status.set', user_id, presence: 'online', status_msg: null }],
      [1, { type: 'room.left', user_id: watcher, room_id }],
      [3, { type: 'room.joined', user_id: watcher, room_id }],
      [2, { type: 'room.left', user_id, room_id }],
      [4, { type: 'room.joined', user_id, room_id }],
    ]);
  }
}

/** A number below `end`, of each user always the same. */
export function spread(userId: string, end: number): number {
  let sum = 0;
  for (let at = 0; at < userId.length; at++) sum += userId.charCodeAt(at);
  return sum % end;
}

/** The first rooms of a file. */
export async function firstRooms(file: string, countMax: number): Promise<string[]> {
  const rooms = new Set<string>();
  for await (const event of eventsOf(file)) {
    if (event.type === 'room.joined') rooms.add(event.room_id);
    if (rooms.size >= countMax) break;
  }
  return [...rooms];
}

async function* endlessly(file: string): AsyncGenerator<UserEvent> {
  for (;;) yield* eventsOf(file);
}

async function* eventsOf(file: string): AsyncGenerator<UserEvent> {
  for await (const lines of readEventFile(file)) {
    for (const { decoded } of lines) {
      if ('event' in decoded && 'user_id' in decoded.event) yield decoded.event;
    }
  }
}
