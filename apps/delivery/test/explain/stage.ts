import type { PartitionEvent, UserEvent } from '#domain/events';
import type { Explanation } from '#domain/explanation.schemas';
import { explain } from '#domain/explain';
import { Fold } from '#domain/fold';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { Delivery } from '#delivery/delivery';
import { Explanations } from '#delivery/explain/explanations';
import { UserRecords } from '#delivery/explain/user-records';
import type { MessageLog, Ownership } from '#message-log/message-log';
import { MemoryLog } from '#message-log/memory/memory-log';
import type { Clock } from '#runtime/clock/clock';
import { silentLog } from '#runtime/log';

export const ME = '@me:x';
const EVENTS: readonly (UserEvent | PartitionEvent)[] = [
  { type: 'source.alive', source_id: 'gateway', ttl_ms: 15_000 },
  { type: 'device.connected', user_id: ME, device_id: 'LAPTOP', source_id: 'gateway' },
  { type: 'device.connected', user_id: ME, device_id: 'PHONE', ttl_ms: 600_000, presence: 'unavailable' },
  { type: 'status.set', user_id: ME, presence: 'unavailable', status_msg: 'in the garden' },
  { type: 'source.alive', source_id: 'gateway', ttl_ms: 90_000 },
];

/** A node that reads what a projector has folded; each event is a commit, a second after the one before. */
export class Stage {
  readonly fold = new Fold();
  readonly explanations: Explanations;
  /** How the log is read for an answer. */
  follow: MessageLog['follow'];
  private readonly delivery: Delivery;
  private count = 0;

  private constructor(
    readonly log: MessageLog,
    private readonly owner: Ownership,
    clock: Clock,
  ) {
    this.follow = (...args) => log.follow(...args);
    this.delivery = new Delivery({
      log,
      clock,
      logger: silentLog,
      tokenKey: Buffer.alloc(32, 1),
      roomPolicy: { membersMax: 10, excluded: new Set() },
      flushMs: 0,
    });
    const records = new UserRecords({ follow: (...args) => this.follow(...args) }, clock);
    this.explanations = new Explanations(this.delivery, records, clock);
  }

  /** On a log of one partition. */
  static async start(log: MessageLog, clock: Clock): Promise<Stage> {
    const stage = new Stage(log, await log.own(0), clock);
    await stage.happen(...EVENTS);
    stage.delivery.start();
    while (!stage.delivery.isReady) await settle();
    return stage;
  }

  async happen(...events: readonly (UserEvent | PartitionEvent)[]): Promise<void> {
    for (const event of events) {
      const key = 'user_id' in event ? event.user_id : null;
      const [appended] = await this.log.append('events', [{ key, value: JSON.stringify(event), partition: 0 }]);
      this.fold.apply({ offset: appended?.offset ?? 0, timestamp: this.count++ * 1_000, key, decoded: { event } });
      const records = toRecords(this.fold.drain(), checkpointRecord(this.log.logId, this.fold.checkpoint()));
      await this.owner.commit(
        records.map(({ key: of, value }) => ({
          topic: 'state',
          key: of,
          value: value === null ? null : JSON.stringify(value),
        })),
      );
    }
    if (this.log instanceof MemoryLog) this.log.compact();
  }

  /** Resolves when the node knows all that has happened. */
  async caughtUp(): Promise<void> {
    while (this.delivery.checkpointOf(0)?.next[0] !== this.fold.position.offset) await settle();
  }

  /** What the fold itself says. */
  byFold(userId = ME): Explanation {
    const { fold } = this;
    const to = { policy: fold.policy, logTime: fold.logTime, partition: 0, nextOffset: fold.position.offset };
    return explain(userId, fold.user(userId), to);
  }

  async end(): Promise<void> {
    await this.delivery.stop();
    await this.log.close();
  }
}

/** Lets what is due happen. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
