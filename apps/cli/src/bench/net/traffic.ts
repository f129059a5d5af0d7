import { sleep } from '#runtime/clock/clock';
import { systemClock } from '#runtime/clock/system-clock';
import type { Load, Posting } from './crowd-calls.ts';
import type { Histogram } from './histogram.ts';
import { eventsRequest, Poster } from './poster.ts';
import { stamp } from './subscriber.ts';

/** Requests that are made beforehand, so that making them is no part of the load. */
const REQUESTS_MADE = 50;

/** What a service says of users, sent to ingest. */
export class Traffic {
  private changes = 0;

  constructor(
    private readonly load: Load,
    private readonly failures: string[],
    /** How many changes were told by now, to each subscriber by itself. */
    private readonly told: () => number = () => Infinity,
  ) {}

  /** Resolves with the number of changes when all are answered. */
  async send(): Promise<number> {
    const poster = new Poster(new URL(this.load.url), this.load.requests);
    const { perSecond } = this.load;
    await (perSecond === null ? this.saturate(poster) : this.pace(perSecond, poster));
    poster.close();
    return this.changes;
  }

  /** Sends each change when it is due, whether or not what came before was answered. */
  private async pace(perSecond: number, poster: Poster): Promise<void> {
    const startedAt = systemClock.elapsed();
    const sent: Promise<void>[] = [];
    for (let now = 0; now <= this.load.ms; now = systemClock.elapsed() - startedAt) {
      const due = Math.floor((now * perSecond) / 1_000) + 1 - this.changes;
      const events = Array.from({ length: due }, () => this.change(startedAt + (this.changes * 1_000) / perSecond));
      if (events.length > 0) sent.push(this.post(poster, events));
      await sleep(systemClock, 1);
    }
    await Promise.all(sent);
  }

  /**
   * Sends the next request as soon as one is answered, and no more are untold than were in the last ones: events are taken
   * much faster than they are told, and what is measured then would be how long they wait. At least one is sent.
   */
  private async saturate(poster: Poster): Promise<void> {
    const { requests, eventsPerRequest, ms } = this.load;
    const until = systemClock.elapsed() + ms;
    const sender = async (): Promise<void> => {
      do {
        const now = systemClock.elapsed();
        await this.post(
          poster,
          Array.from({ length: eventsPerRequest }, () => this.change(now)),
        );
        while (this.untold > requests * eventsPerRequest && systemClock.elapsed() < until) await sleep(systemClock, 1);
      } while (systemClock.elapsed() < until && this.failures.length === 0);
    };
    await Promise.all(Array.from({ length: requests }, sender));
  }

  /** Changes that not all have been told of. */
  private get untold(): number {
    return this.changes - this.told() / this.load.audience;
  }

  private change(dueMs: number): object {
    const { users } = this.load;
    return { type: 'status.set', user_id: users[this.changes++ % users.length], status_msg: stamp(dueMs) };
  }

  private async post(poster: Poster, events: readonly object[]): Promise<void> {
    const status = await poster.send(eventsRequest(events));
    if (status !== 200) this.failures.push(`POST was answered ${status}`);
  }
}

/** Posts the same requests again and again. Resolves with how many events were taken. */
export async function postAgain(
  { url, users, eventsPerRequest, requests, ms }: Posting,
  answered: Histogram,
  failures: string[],
): Promise<number> {
  const made = Array.from({ length: REQUESTS_MADE }, (_, n) =>
    eventsRequest(
      Array.from({ length: eventsPerRequest }, (_none, at) => ({
        type: 'device.active',
        user_id: users[(n * eventsPerRequest + at) % users.length],
        device_id: 'PHONE',
      })),
    ),
  );
  const poster = new Poster(new URL(url), requests);
  const until = systemClock.elapsed() + ms;
  let sent = 0;
  let events = 0;
  const sender = async (): Promise<void> => {
    while (systemClock.elapsed() < until && failures.length === 0) {
      const sentAt = systemClock.elapsed();
      const status = await poster.send(made[sent++ % REQUESTS_MADE] as Buffer);
      answered.add(systemClock.elapsed() - sentAt);
      if (status === 200) events += eventsPerRequest;
      else failures.push(`POST was answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: requests }, sender));
  poster.close();
  return events;
}
