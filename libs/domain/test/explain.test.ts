import fc from 'fast-check';
import { explain } from '#domain/explain';
import type { Explanation } from '#domain/explanation.schemas';
import { explanationSchema } from '#domain/explanation.schemas';
import type { Fold } from '#domain/fold';
import { userRecord } from '#domain/state-records';
import type { Case, Scene } from './given.ts';
import { given, USER } from './given.ts';
import { logs, RUNS, whole } from './random-logs.ts';
import { WORKED_CASES } from './worked-cases.ts';

const explained = (fold: Fold, userId = USER): Explanation =>
  explain(userId, fold.user(userId), {
    policy: fold.policy,
    logTime: fold.logTime,
    partition: null,
    nextOffset: fold.position.offset,
  });

/** The rule, and the deadline that comes next: seconds, what happens to devices, what is announced. */
function brief({ rule, next_deadline: next }: Explanation): string {
  if (next === null) return rule.name;
  const { at, idle, removed, cause, presence } = next;
  const happens = [...idle.map((id) => `${id} idle`), ...removed.map((id) => `${id} removed`)];
  return [`${rule.name}; ${at / 1_000}`, ...happens, cause === null ? 'silent' : `${cause} ${presence}`].join(' ');
}

/** What is so at the end of each worked case, by its log. */
const AT_THE_END: Readonly<Record<string, string>> = {
  '0 c d1; 1000 tick': 'devices_idle',
  '0 c d1; 290 a d1; 600 tick': 'devices_idle',
  '0 c d1; 10 x d1; 100 tick': 'no_device',
  '0 c d1; 10 x d1; 20 c d1; 50 tick': 'device_online; 60 inactive online',
  '0 c d1; 0 c d2; 10 device.presence d1 unavailable; 20 tick': 'device_online; 60 inactive online',
  '0 c d1; 5 status.set unavailable; 9 a d1': 'device_online; 69 inactive online',
  '0 c d1; 5 status.set offline; 9 a d1; 20 status.set online d1': 'device_online; 80 inactive online',
  '0 c d1; 400 a d1 ts 100; 401 tick': 'devices_idle',
  '0 source.alive g ttl 15; 1 c d1 of g; 100 tick': 'no_device',
  '0 source.alive g ttl 15; 1 c d1 of g; 40 source.alive g ttl 15; 80 tick':
    'device_online; 85 d1 removed disconnected offline',
  '0 status.set online "hi" d1; 100 tick': 'no_device',
  '0 c d1; 300 a d1': 'device_online; 360 inactive online',
  '0 c d1; 10 x d1; 40 c d1': 'device_online; 100 inactive online',
  '0 c d1; 10 x d1 reason logout': 'no_device',
  '0 c d1 unavailable; 5 device.presence d1 online': 'device_online; 65 inactive online',
  '0 c d1; 5 status.set unavailable; 8 a d1 ts 4': 'set_unavailable; 304 d1 idle silent',
  '100 tick; 100 a d1 ts 40': 'no_device',
  '0 c d1 of g; 5 source.gone g; 100 tick': 'no_device',
  '0 c d1; 100 policy.set idleAfterMs 90': 'devices_idle',
  '0 a d1 ttl 600; 1000 tick': 'no_device',
};

describe.each(WORKED_CASES)('of the worked case "$clause"', ({ when }: Case) => {
  test('the rule that decided is named, and the deadline that comes next', () => {
    expect(brief(explained(given(when).fold))).toBe(AT_THE_END[when]);
  });

  test('after every record, what is said to come comes, if nothing else does', () => {
    const records = when.split(';');
    for (const [index] of records.entries()) {
      const scene = given(records.slice(0, index + 1).join(';'));
      const said = explained(scene.fold);
      expect(said).toEqual(explanationSchema.parse(said));
      expect(said.last_announcement?.presence ?? 'offline').toBe(said.presence);
      expect(announcedNext(scene, said)).toEqual(said.next_deadline?.cause == null ? [] : [told(said)]);
    }
  });
});

/** What the fold announces up to the deadline that is said to come next, or in a year when none is. */
function announcedNext({ fold }: Scene, { next_deadline: next }: Explanation): object[] {
  fold.advanceTo(next?.at ?? fold.logTime + 31_536_000_000);
  return fold
    .drain()
    .announcements.map(({ userId, announcement: { ts, presence, currentlyActive, cause } }) => [
      userId,
      ts,
      presence,
      currentlyActive,
      cause.type,
    ]);
}

const told = ({ user_id: userId, next_deadline: next }: Explanation): unknown =>
  next && [userId, next.at, next.presence, next.currently_active, next.cause];

test('of any log: each user’s state is that of the record, and the next announcements are those that were said', () => {
  fc.assert(
    fc.property(logs, (log) => {
      const { fold } = whole(log);
      const users = [...fold.users()].sort((a, b) => (a.id < b.id ? -1 : 1));
      const all = users.map((user) => ({ user, said: explained(fold, user.id) }));
      for (const { user, said } of all) {
        const { presence, currently_active, last_active_ts, status_msg, applied } = userRecord(user);
        expect(said).toMatchObject({
          presence,
          currently_active,
          last_active_ts,
          status_msg,
          log: { offset: applied },
        });
        expect(explanationSchema.parse(said)).toEqual(said);
      }
      const next = Math.min(...all.map(({ said }) => said.next_deadline?.at ?? Infinity));
      const expected = all
        .filter(({ said }) => said.next_deadline?.at === next && said.next_deadline.cause !== null)
        .map(({ said }) => told(said));
      if (next === Infinity) return;
      const scene = { fold } as Scene;
      expect(announcedNext(scene, { next_deadline: { at: next } } as Explanation)).toEqual(expected);
    }),
    RUNS,
  );
});

test('who was never heard of, and whose account was removed, is offline for that', () => {
  const { fold } = given('0 c d1; 5 user.removed');
  for (const userId of [USER, '@nobody']) {
    expect(explained(fold, userId)).toMatchObject({
      presence: 'offline',
      rule: { name: 'unheard_of', section: 'State' },
      devices: [],
      next_deadline: null,
      log: { offset: null, next_offset: 2, log_time: 5_000 },
      last_announcement: null,
    });
  }
});

test('it asks, and changes nothing', () => {
  const log = '0 source.alive g ttl 15; 1 c d1 of g; 2 c d2; 3 status.set unavailable "hi"';
  const [asked, untouched] = [given(log), given(log)];
  explained(asked.fold);
  expect(asked.leaves()).toBe(untouched.leaves());
  expect(asked.when('1000 tick')).toEqual(untouched.when('1000 tick'));
});

describe('a device is said to be held by what keeps it longest', () => {
  test.each([
    ['0 c d1', 'connection', null],
    ['0 c d1; 5 x d1', 'last_seen', 35],
    ['0 a d1 ttl 600', 'lease', 600],
    ['0 a d1 ttl 20', 'last_seen', 30],
    ['0 source.alive g ttl 90; 0 c d1 of g', 'source', 120],
    ['0 policy.set unheardForMs 100; 0 c d1', 'connection', 100],
    ['0 source.alive g ttl 90; 0 c d1 of g; 0 c d1 via other', 'connection', null],
  ])('%s: %s, until %s', (log, held, until) => {
    const { devices } = explained(given(log).fold);
    const offline_at = until === null ? null : until * 1_000;
    expect(devices).toMatchObject([{ device_id: 'd1', held_by: held, offline_at }]);
  });
});

test('sentences say who, why and what comes', () => {
  const said = (log: string): string[] => {
    const { rule, next_deadline: next } = explained(given(log).fold);
    return [rule.says, ...(next === null ? [] : [next.says])];
  };
  expect(said('0 c d1; 0 c d2; 100 tick')).toEqual([
    'Online, because devices d1, d2 are there, not declared idle, and active less than 5 min ago.',
    'Devices d1, d2 become idle: unavailable is announced.',
  ]);
  expect(said('0 c d1; 5 x d1; 10 status.set offline')).toEqual([
    'Offline, because the user has set that, and it holds, whatever the devices do, until they set another presence.',
    'Device d1 is removed: nothing is announced.',
  ]);
});
