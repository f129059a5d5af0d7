import type { Clock } from '#runtime/clock/clock';
import type { Frame } from './frame.ts';
import type { Hub, Subscriber } from './hub.ts';
import type { Place } from './place.ts';

export interface PollOptions<Item> {
  /** Where the client stands; null: it knows nothing. */
  readonly since: Place | null;
  /** It is to be told of everybody, whatever it knows. */
  readonly tellAll: boolean;
  /** Of a first snapshot it takes no more users at once; the rest follows from the place. */
  readonly snapshotUsersMax: number;
  /** How long to wait for something to tell, milliseconds. */
  readonly timeoutMs: number;
  /** What the client is told of the frames: when that is nothing, the poll goes on. */
  readonly items: (frames: readonly Frame[]) => Item[];
}

export interface PollAnswer<Item> {
  readonly items: Item[];
  readonly place: Place;
}

/** One request of a client that asks again and again: a subscription that lasts until there is something to tell. */
export class LongPoll {
  private readonly subscriber: Subscriber;
  private wake: () => void = () => undefined;
  private isClosed = false;

  constructor(
    readonly userId: string,
    since: Place | null,
    private readonly hub: Hub,
    private readonly clock: Clock,
  ) {
    this.subscriber = hub.subscribe(userId, since, () => this.wake());
  }

  /** Resolves as soon as there is something to tell, at once for a client that knows nothing, and with nothing when time is up. */
  async answer<Item>({
    since,
    tellAll,
    snapshotUsersMax,
    timeoutMs,
    items,
  }: PollOptions<Item>): Promise<PollAnswer<Item>> {
    const { subscription } = this.subscriber;
    if (tellAll) subscription.tellAll();
    const until = this.clock.elapsed() + timeoutMs;
    try {
      for (;;) {
        const { frames, place } = subscription.page(snapshotUsersMax, this.clock.now());
        const told = items(frames);
        const isWhole = since === null || since.after !== null || tellAll;
        if (told.length > 0 || isWhole || this.isClosed || this.clock.elapsed() >= until) {
          this.hub.given(frames.length);
          return { items: told, place };
        }
        await this.news(until - this.clock.elapsed());
      }
    } finally {
      this.isClosed = true;
      this.hub.unsubscribe(this.subscriber); // not before: the place must not be of a change that was not noted
    }
  }

  /** The client is gone, or is to come again: what is there is answered. */
  close(): void {
    this.isClosed = true;
    this.wake();
  }

  private news(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(ms, () => this.wake());
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
