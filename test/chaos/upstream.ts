import type { UserEvent } from '#domain/events';
import type { Ledger, SentEvent } from './ledger.ts';
import type { Gateways, Traffic } from './traffic.ts';
import { spread } from './traffic.ts';

const LANES = 4;
const BATCH_EVENTS = 20;
const ANSWER_MS_MAX = 4_000;
const RETRY_MS = 100;
const LEASE_MS = 3_000;
const RENEW_MS = 1_000;

/** Services that tell what happens: in lanes, so that each user's events are in order, and again at the next ingest when one does not take them. */
export class Upstream {
  requests = 0;
  failures = 0;
  private isPlaying = false;
  private isStopping = false;
  private lanes: (UserEvent & SentEvent)[][] = Array.from({ length: LANES }, () => []);
  private readonly running: Promise<unknown>;
  private sourceTs = 0;

  constructor(
    private readonly urls: readonly string[],
    private readonly traffic: Traffic,
    private readonly gateways: Gateways,
    private readonly ledger: Ledger,
    /** Events a second, if they are taken as fast. */
    private readonly rate: number,
  ) {
    this.running = Promise.all([this.fill(), this.renew(), ...this.lanes.map((_, lane) => this.play(lane))]);
    this.running.catch(() => undefined); // `pause` and `stop` tell
  }

  begin(): void {
    this.isPlaying = true;
  }

  /** Resolves when all that was begun is acknowledged. Gateways live on. */
  async pause(): Promise<void> {
    this.isPlaying = false;
    while (this.lanes.some((lane) => lane.length > 0)) await Promise.race([wait(20), this.running]);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.running;
  }

  /** Sends events until they are acknowledged, or it is stopped. */
  async send(events: readonly SentEvent[], first = 0): Promise<void> {
    for (let attempt = first; !this.isStopping; attempt++) {
      this.ledger.sent(events);
      this.requests++;
      if (await this.post(this.urls[attempt % this.urls.length] ?? '', events)) return this.ledger.acknowledge(events);
      this.failures++;
      await wait(RETRY_MS);
    }
  }

  private async fill(): Promise<void> {
    for (let nextAt = Date.now(); !this.isStopping; nextAt = Math.max(nextAt + 50, Date.now())) {
      const isFull = this.lanes.some((lane) => lane.length > 5 * BATCH_EVENTS);
      if (this.isPlaying && !isFull) {
        for (const event of await this.traffic.next(Math.ceil(this.rate / 20)))
          this.lanes[spread(event.user_id, LANES)]?.push(event);
      }
      await wait(Math.max(0, nextAt + 50 - Date.now()));
    }
  }

  private async play(lane: number): Promise<void> {
    const waiting = this.lanes[lane] ?? [];
    for (let request = lane; !this.isStopping; request++) {
      const events = waiting.slice(0, BATCH_EVENTS);
      if (events.length === 0) await wait(10);
      else await this.send(events, request);
      waiting.splice(0, events.length);
    }
  }

  private async renew(): Promise<void> {
    while (!this.isStopping) {
      const ts = (this.sourceTs = Math.max(Date.now(), this.sourceTs + 1));
      const alive = this.gateways.ids.map((source_id) => ({ type: 'source.alive', source_id, ttl_ms: LEASE_MS, ts }));
      await Promise.race([this.send(alive, ts), wait(ANSWER_MS_MAX)]);
      await wait(RENEW_MS);
    }
  }

  /** Whether they were acknowledged. */
  private async post(url: string, events: readonly object[]): Promise<boolean> {
    try {
      const answer = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { authorization: 'Bearer dev-upstream', 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      const body = await answer.text();
      if (answer.status < 500 && answer.status !== 200 && answer.status !== 429)
        throw new RangeError(`Events were answered ${answer.status}: ${body}`);
      return answer.status === 200;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      return false;
    }
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
