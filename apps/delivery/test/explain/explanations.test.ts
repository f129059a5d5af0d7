import type { PartitionEvent, UserEvent } from '#domain/events';
import { explain } from '#domain/explain';
import { Fold } from '#domain/fold';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { Delivery } from '#delivery/delivery';
import { Explanations } from '#delivery/explain/explanations';
import { UserRecords } from '#delivery/explain/user-records';
import type { MessageLog } from '#message-log/message-log';
import { MemoryLog } from '#message-log/memory/memory-log';
import type { MatrixError } from '#runtime/http/matrix-error';
import { silentLog } from '#runtime/log';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { connected, removed, says } from '../folded-hub.ts';

const ME = '@me:x';
const EVENTS: readonly (UserEvent | PartitionEvent)[] = [
  { type: 'source.alive', source_id: 'gateway', ttl_ms: 15_000 },
  { type: 'device.connected', user_id: ME, device_id: 'LAPTOP', source_id: 'gateway' },
  { type: 'device.connected', user_id: ME, device_id: 'PHONE', ttl_ms: 600_000, presence: 'unavailable' },
  { type: 'status.set', user_id: ME, presence: 'unavailable', status_msg: 'in the garden' },
  { type: 'source.alive', source_id: 'gateway', ttl_ms: 90_000 },
];

/** A node that reads what a projector has folded; each event is a commit, a second after the one before. */
class Stage {
  readonly clock = new MovableClock();
  readonly log = new MemoryLog({ logId: 'log', partitionCount: 1, clock: this.clock });
  readonly fold = new Fold();
  /** How the log is read for an answer. */
  follow: MessageLog['follow'] = (...args) => this.log.follow(...args);
  private readonly delivery = new Delivery({
    log: this.log,
    clock: this.clock,
    logger: silentLog,
    tokenKey: Buffer.alloc(32, 1),
    roomPolicy: { membersMax: 10, excluded: new Set() },
    flushMs: 0,
  });
  readonly explanations = new Explanations(
    this.delivery,
    new UserRecords({ follow: (...args) => this.follow(...args) }, this.clock),
    this.clock,
  );
  private owner = this.log.own(0);
  private offset = 0;

  async start(): Promise<void> {
    await this.happen(...EVENTS);
    this.delivery.start();
    while (!this.delivery.isReady) await settle();
  }

  async happen(...events: readonly (UserEvent | PartitionEvent)[]): Promise<void> {
    for (const event of events) {
      const key = 'user_id' in event ? event.user_id : null;
      await this.log.append('events', [{ key, value: JSON.stringify(event), partition: 0 }]);
      this.fold.apply({ offset: this.offset, timestamp: this.offset++ * 1_000, key, decoded: { event } });
      const records = toRecords(this.fold.drain(), checkpointRecord('log', this.fold.checkpoint()));
      await (
        await this.owner
      ).commit(
        records.map(({ key: of, value }) => ({
          topic: 'state',
          key: of,
          value: value === null ? null : JSON.stringify(value),
        })),
      );
    }
    this.log.compact();
  }

  /** What the fold itself says. */
  byFold(userId = ME) {
    const { fold } = this;
    const to = { policy: fold.policy, logTime: fold.logTime, partition: 0, nextOffset: fold.position.offset };
    return explain(userId, fold.user(userId), to);
  }

  async end(): Promise<void> {
    await this.delivery.stop();
    await this.log.close();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let stage: Stage;
beforeEach(async () => {
  stage = new Stage();
  await stage.start();
});
afterEach(() => stage.end());

test('a node says what the fold would, with the leases of the last checkpoint', async () => {
  const said = await stage.explanations.of(ME);
  expect(said).toEqual(stage.byFold());
  expect(said).toMatchObject({
    presence: 'unavailable',
    status_msg: 'in the garden',
    rule: { name: 'set_unavailable' },
    devices: [
      { device_id: 'LAPTOP', state: 'online', held_by: 'source', connections: [{ source_lease_until: 94_000 }] },
      { device_id: 'PHONE', state: 'idle', held_by: 'lease', lease_until: 602_000 },
    ],
    manual: { presence: 'unavailable', at: 3_000 },
    last_announcement: { ts: 3_000, cause: { type: 'status.set' } },
    log: { partition: 0, offset: 3, next_offset: 5, log_time: 4_000, announced: { offset: 3, cause_offset: 3 } },
  });
});

test('nobody, and whose account was removed, is told of without a look into the log, or as the fold has it', async () => {
  expect(await stage.explanations.of('@nobody:x')).toEqual(stage.byFold('@nobody:x'));
  await stage.happen(removed(ME));
  expect(await stage.explanations.of(ME)).toEqual(stage.byFold());
});

test('a record that gives way to a newer one while it is read is asked for anew', async () => {
  let changes = 3;
  stage.follow = async (...args) => {
    if (changes-- > 0) await stage.happen(says(ME, `${changes}`), connected('@other:x'));
    return stage.log.follow(...args);
  };
  const said = await stage.explanations.of(ME);
  expect(said).toEqual(stage.byFold());
  expect(said.status_msg).toBe('0');
});

test('a log that does not answer in time is 503, and meanwhile ten wait, and one more is told 429', async () => {
  stage.follow = (_topic, _from, _handler, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const all = Array.from({ length: 11 }, () =>
    stage.explanations.of(ME).catch((error: MatrixError) => error.getStatus()),
  );
  expect(await Promise.race(all)).toBe(429);
  for (const asked of all.slice(0, 10)) {
    await settle();
    stage.clock.move(10_000);
    expect(await asked).toBe(503);
  }
});
