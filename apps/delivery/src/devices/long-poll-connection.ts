import type { Cancel, Clock } from '#runtime/clock/clock';

/** A client that polls is connected until no poll of it has been open for this long. */
export const LINGER_MS = 10_000;

/** What a client's polls do to its device. */
export interface PolledDevice {
  /** A poll is open that says the user is there; returns when, by the clock's `elapsed`, that is to be said again if one still is. */
  vouch(): number;
  /** No poll has been open since `at`. */
  left(at: number): void;
}

/** The one connection that a client's polls make together, with short breaks between them. */
export class LongPollConnection {
  /** Each with whether its client vouches for the user. */
  private readonly polls = new Map<symbol, boolean>();
  private cancelLinger: Cancel = () => undefined;
  private cancelVouching: Cancel = () => undefined;
  private isStopped = false;

  constructor(
    private readonly device: PolledDevice,
    private readonly clock: Clock,
  ) {}

  /** A poll begins; returns what is to be called at its end. */
  begin(isVouching: boolean): () => void {
    const poll = Symbol('poll');
    this.cancelLinger();
    this.polls.set(poll, isVouching);
    if (isVouching) this.vouch();
    return () => {
      if (this.polls.delete(poll) && this.polls.size === 0 && !this.isStopped) this.linger();
    };
  }

  /** The client says that its user is idle, and no open poll says otherwise any more. */
  idle(): void {
    for (const poll of this.polls.keys()) this.polls.set(poll, false);
  }

  /** The node stops. */
  stop(): void {
    this.isStopped = true;
    this.cancelLinger();
    this.cancelVouching();
  }

  /** Again as long as such a poll is open, for it may be open for longer than the user counts as active. */
  private vouch(): void {
    const againAt = this.device.vouch();
    this.cancelVouching();
    this.cancelVouching = this.clock.after(Math.max(1, againAt - this.clock.elapsed()), () => {
      if ([...this.polls.values()].includes(true)) this.vouch();
    });
  }

  private linger(): void {
    const endedAt = this.clock.now();
    this.cancelLinger = this.clock.after(LINGER_MS, () => {
      this.cancelVouching();
      this.device.left(endedAt);
    });
  }
}
