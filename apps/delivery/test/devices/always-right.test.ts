import type { SetPresence } from '#delivery/devices/device-connection';
import { LINGER_MS } from '#delivery/devices/long-poll-connection';
import type { Fold } from '#domain/fold';
import { LIVE_POLICY } from '#domain/policy';
import { publicState } from '#domain/presence';
import { SeededRandom } from '#runtime/clock/seeded-random';
import type { Failure } from './stage.ts';
import { Stage } from './stage.ts';

const USERS = ['@a:x', '@b:x', '@c:x'];
const DEVICES = ['d1', 'd2', null];
const PRESENCES: readonly SetPresence[] = [undefined, 'online', 'unavailable', 'offline'];
/** Shorter than a lease and the grace together: nobody may look offline meanwhile. */
const SHORT_FAILURE_S = 25;
const UNHEARD_OF = 'unheard of';
const GRACE_MS = LIVE_POLICY.offlineAfterMs;

interface Open {
  readonly userId: string;
  readonly since: number;
  readonly isSeen: boolean;
  readonly end: () => void;
  readonly use: (random: SeededRandom) => void;
}

/** Users who come, poll, act and go at random, on a log that fails at random, and what is true of them. */
class Life {
  readonly random: SeededRandom;
  readonly stage = new Stage();
  private readonly open: Open[] = [];
  /** When each user's last connection that others may see ended. */
  private readonly leftAt = new Map<string, number>();
  private failedAt: number | null = null;
  /** When a write that had hung was done at last: what is in it cannot be taken back, and is as if it had happened then. */
  private hungUntil = -Infinity;
  readonly counts = { checks: 0, failures: 0 };
  readonly faults: string[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  async live(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.random.weighted<() => void>([
        [4, () => this.stream()],
        [4, () => this.poll()],
        [6, () => this.end()],
        [6, () => this.random.pick(this.open)?.use(this.random)],
        [1, () => this.fail()],
      ])();
      await this.stage.pass(this.random.pick([0.1, 1, 5, 12, 40]));
      if (this.failedAt !== null && this.random.chance(0.6)) await this.mend();
      await this.check();
    }
  }

  private stream(): void {
    const setPresence = this.random.pick(PRESENCES);
    const caller = this.caller();
    const connection = this.stage.devices.open(caller, setPresence);
    this.opened(
      caller.userId,
      setPresence,
      () => connection.close(),
      (random) => {
        if (random.chance(0.6)) connection.active();
        else connection.says(random.pick(['online', 'unavailable']));
      },
    );
  }

  private poll(): void {
    const setPresence = this.random.pick(PRESENCES);
    const caller = this.caller();
    const end = this.stage.devices.poll(caller, setPresence);
    this.opened(caller.userId, setPresence, end, () => undefined);
  }

  private opened(userId: string, setPresence: SetPresence, end: () => void, use: Open['use']): void {
    this.open.push({ userId, since: this.now, isSeen: setPresence !== 'offline', end, use });
  }

  private end(): void {
    if (this.open.length === 0) return;
    const [{ userId, isSeen, end }] = this.open.splice(this.random.below(this.open.length), 1) as [Open];
    end();
    if (isSeen && !this.open.some((other) => other.userId === userId && other.isSeen))
      this.leftAt.set(userId, this.now);
  }

  private fail(): void {
    if (this.failedAt !== null) return;
    this.counts.failures++;
    this.failedAt = this.now;
    this.stage.log.failure = this.random.pick<Failure>(['before', 'after', 'late', 'hangs']);
  }

  /** The log can be written again, and has taken what waited. */
  private async mend(): Promise<void> {
    if (this.stage.log.failure === 'hangs') this.hungUntil = this.now;
    this.stage.log.resume();
    this.failedAt = null;
    await this.stage.pass(6); // the longest wait between two tries
  }

  private async check(): Promise<void> {
    const fold = await this.stage.fold({ policy: LIVE_POLICY });
    if (this.failedAt === null && this.stage.devices.waitingCount > 0) this.faults.push('something still waits');
    for (const userId of USERS) {
      const presence = presenceOf(fold, userId, this.now);
      const open = this.open.filter((other) => other.userId === userId && other.isSeen);
      const leftAt = Math.max(this.leftAt.get(userId) ?? -Infinity, this.hungUntil);
      const hasKnown = this.failedAt === null || this.now - this.failedAt < SHORT_FAILURE_S * 1_000;
      const wasKnown = open.some(({ since }) => since < (this.failedAt ?? Infinity) && since < this.now);
      const fact = `${userId} at ${(this.now - 1_700_000_000_000) / 1_000}: ${presence}`;
      if (open.length > 0 && hasKnown && wasKnown) {
        this.counts.checks++;
        if (presence === 'offline' || presence === UNHEARD_OF) this.faults.push(`${fact}, though connected`);
      } else if (open.length === 0 && this.failedAt === null && this.now >= leftAt + Math.max(GRACE_MS, LINGER_MS)) {
        this.counts.checks++;
        if (presence !== 'offline' && presence !== UNHEARD_OF) this.faults.push(`${fact}, though gone`);
      }
    }
  }

  private caller(): { userId: string; deviceId: string | null } {
    return { userId: this.random.pick(USERS), deviceId: this.random.pick(DEVICES) };
  }

  private get now(): number {
    return this.stage.clock.now();
  }
}

function presenceOf(fold: Fold, userId: string, now: number): string {
  const user = fold.user(userId);
  return user === undefined ? UNHEARD_OF : publicState(user, now, fold.policy).presence;
}

test.each(Array.from({ length: 8 }, (_, seed) => seed))(
  'whoever is connected is not offline, and whoever has left is offline within the grace (seed %i)',
  async (seed) => {
    const life = new Life(seed);
    await life.live(200);
    expect(life.faults).toEqual([]);
    expect(life.counts.checks).toBeGreaterThan(100);
    expect(life.counts.failures).toBeGreaterThan(1);
  },
);
