import type { HistoryAnswer } from '#delivery/history/history.schemas';
import { ENTRIES_MAX, historyAnswerSchema } from '#delivery/history/history.schemas';
import { Histories } from '#delivery/history/histories';
import { Fold } from '#domain/fold';
import { decodeValue } from '#message-log/decode-value';
import { MemoryLog } from '#message-log/memory/memory-log';
import type { NewRecord } from '#message-log/message-log';
import type { MatrixError } from '#runtime/http/matrix-error';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { randomLog } from '../../../../test/oracle/random-log.ts';
import { settle } from '../explain/stage.ts';

const ME = '@me:x';
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER };
const clock = new MovableClock();

/** An archive of one partition: its records keep their times. */
async function logOf(records: readonly NewRecord[]): Promise<MemoryLog> {
  const log = new MemoryLog({ logId: 'log', partitionCount: 1, clock, kind: 'archive', batchRecordsMax: 7 });
  await log.append(
    'events',
    records.map((record) => ({ ...record, partition: 0 })),
  );
  return log;
}

const at = (timestamp: number, event: object, key: string | null = ME): NewRecord => ({
  key,
  value: JSON.stringify(key === null ? event : { user_id: key, ...event }),
  timestamp,
});
const connected = { type: 'device.connected', device_id: 'LAPTOP' };
const tick = (timestamp: number): NewRecord => at(timestamp, { type: 'tick' }, null);
const says = (timestamp: number, status_msg: string): NewRecord => at(timestamp, { type: 'status.set', status_msg });

async function told(records: readonly NewRecord[], span = EVER): Promise<HistoryAnswer> {
  const answer = await new Histories(await logOf(records), clock).of(ME, span, false);
  expect(historyAnswerSchema.parse(answer)).toEqual(answer);
  return answer;
}

test('a day of a user: each announcement at its own time, with its cause in words, and no positions', async () => {
  const { before, entries, truncated } = await told([
    at(1_000, connected),
    at(2_000, connected, '@other:x'),
    tick(400_000),
    at(500_000, { type: 'device.disconnected', device_id: 'LAPTOP' }),
    at(600_000, connected, '@other:x'),
  ]);
  expect([before, truncated]).toEqual([null, false]);
  expect(entries.map(({ ts, presence, why }) => [ts, presence, why])).toEqual([
    [1_000, 'online', 'device LAPTOP connected'],
    [61_000, 'online', 'no activity for so long that the user is not currently active'],
    [301_000, 'unavailable', 'no activity on device LAPTOP for so long that it is idle'],
    [530_000, 'offline', 'device LAPTOP did not come back in time'],
  ]);
  expect(entries.map(({ log, cause }) => [log, Object.keys(cause)])).toEqual(
    entries.map(({ cause: { type } }) => [null, type === 'inactive' ? ['type'] : ['type', 'device_id']]),
  );
});

test('it says what a fold of everybody announces, also where others prove that a source lives', async () => {
  let compared = 0;
  for (let seed = 0; seed < 30; seed++) {
    const log = await logOf(
      randomLog(seed, { records: 150 }).map((record) => ({ ...record, key: record.key ?? null })),
    );
    const fold = new Fold();
    const removedAt = new Map<string, number>();
    for await (const { records } of log.read('events', 0, 0)) {
      for (const record of records) {
        const decoded = decodeValue(record.value);
        fold.apply({ ...record, decoded });
        const isRemoval = 'event' in decoded && decoded.event.type === 'user.removed';
        if (isRemoval && decoded.event.user_id === record.key) removedAt.set(record.key, record.offset);
      }
    }
    const { announcements } = fold.drain();
    for (const userId of new Set(announcements.map((one) => one.userId))) {
      const all = announcements.filter((one) => one.userId === userId).map(({ announcement }) => announcement);
      const since = all.filter(({ cause }) => cause.offset > (removedAt.get(userId) ?? -1));
      const { entries } = await new Histories(log, clock).of(userId, EVER, true);
      expect(entries.map(({ ts, presence, cause, log: place }) => [ts, presence, cause.type, place])).toEqual(
        since.map(({ ts, presence, cause }) => [
          ts,
          presence,
          cause.type,
          { partition: 0, cause_offset: cause.offset },
        ]),
      );
      compared += entries.length;
    }
  }
  expect(compared).toBeGreaterThan(300);
});

test('a span begins with what held before it; nobody’s history is empty, and so is that of a removed account', async () => {
  const records = [says(1_000, 'a'), says(2_000, 'b'), says(3_000, 'c'), says(4_000, 'd')];
  const { before, entries } = await told(records, { from: 3_000, to: 3_999 });
  expect([before?.status_msg, entries.map(({ status_msg }) => status_msg)]).toEqual(['b', ['c']]);
  expect(await told(records, { from: 9_000, to: 9_999 })).toMatchObject({ before: { status_msg: 'd' }, entries: [] });
  const nothing = { before: null, entries: [], truncated: false };
  expect(await told([])).toMatchObject(nothing);
  const removed = at(5_000, { type: 'user.removed' });
  expect(await told([...records, removed])).toMatchObject(nothing);
  expect(await told([...records, removed, says(6_000, 'new')], { from: 0, to: 4_999 })).toMatchObject(nothing);
  const unseen = [says(1_000, 'a'), says(2_000, ''), at(3_000, { type: 'user.removed' })];
  expect(await told(unseen)).toMatchObject(nothing);
});

test('the newest of many are told, with what held before them', async () => {
  const many = Array.from({ length: ENTRIES_MAX + 1 }, (_, second) => says(second * 1_000, `${second}`));
  expect(await told(many.slice(1))).toMatchObject({ before: null, truncated: false });
  const { before, entries, truncated } = await told(many);
  expect([before?.status_msg, entries.length, entries[0]?.status_msg, truncated]).toEqual([
    '0',
    ENTRIES_MAX,
    '1',
    true,
  ]);
  const { truncated: isCut } = await told(many, { from: 1_000, to: EVER.to });
  expect(isCut).toBe(false);
});

test('a log that is too long, or whose beginning is gone, is 404; one that does not answer in time is 503', async () => {
  const log = await logOf([says(1_000, 'a'), says(2_000, 'b')]);
  const statusOf = (histories: Histories): Promise<unknown> =>
    histories.of(ME, EVER, false).catch((error: MatrixError) => error.getStatus());
  expect(await statusOf(new Histories(log, clock, 1))).toBe(404);
  const { partitionCount, kind } = log;
  const range = { first: 1, next: 2 };
  const follow = (...[, , , signal]: Parameters<MemoryLog['follow']>): Promise<void> =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const begun = { partitionCount, kind, follow, range: () => Promise.resolve(range) };
  expect(await statusOf(new Histories(begun, clock))).toBe(404);
  const asked = statusOf(new Histories({ ...begun, range: () => Promise.resolve({ ...range, first: 0 }) }, clock));
  await settle();
  clock.move(10_000);
  expect(await asked).toBe(503);
});
