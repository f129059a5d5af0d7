import { SeededRandom } from '#runtime/clock/seeded-random';
import type { LogRecord } from './naive-fold.ts';

const START = 1_000_000;
const SECOND = 1_000;
/** Gaps around the policy's times, so that deadlines often fall on records, on each other, and just beside. */
const GAPS = [0, 0, 0, 1, 1, 999, SECOND, 5 * SECOND, 10 * SECOND, 29_999, 30 * SECOND, 30_001, 60 * SECOND];
const LONG_GAPS = [59_999, 120 * SECOND, 240 * SECOND, 300 * SECOND, 300_001, 3_600 * SECOND];
/** Long enough for what has ended to be forgotten. */
const DAY_GAPS = [23 * 3_600 * SECOND, 25 * 3_600 * SECOND];
const TTLS = [1, 15 * SECOND, 30 * SECOND, 60 * SECOND, 600 * SECOND];

export interface RandomLogOptions {
  readonly users?: number;
  readonly records?: number;
  /** What there is more of. */
  readonly focus?: 'all' | 'rooms' | 'lists' | 'days';
}

/** Some, beyond the first few, whose order is another one by code units than by code points or bytes. */
const ODD_NAMES: Record<number, string> = { 6: '@\u{1F600}:x', 7: '@\uFF5E:x', 9: '@U 0|%7C:x' };

/** A nasty log, the same for the same seed: few of everything, so that they collide, and all that can go wrong. */
export function randomLog(
  seed: number,
  { users = 5, records = 150, focus = 'all' }: RandomLogOptions = {},
): LogRecord[] {
  const random = new SeededRandom(seed);
  const log: LogRecord[] = [];
  let now = START;
  let last: LogRecord | null = null;
  while (log.length < records) {
    const offset = log.length;
    now += random.chance(0.12)
      ? random.pick(random.chance(focus === 'days' ? 0.4 : 0.05) ? DAY_GAPS : LONG_GAPS)
      : random.pick(GAPS);
    if (last !== null && random.chance(0.04)) log.push({ ...last, offset });
    else {
      const event = someEvent(random, users, focus, now);
      const value = random.chance(0.03) ? spoilt(random, event) : JSON.stringify(event);
      const key = 'user_id' in event ? String(event.user_id) : null;
      const timestamp = random.chance(0.03) ? Math.max(0, now - random.pick(LONG_GAPS)) : now;
      log.push({ offset, timestamp, key: random.chance(0.01) ? '@other:x' : key, value });
    }
    last = log[offset] ?? null;
  }
  return log;
}

function someEvent(
  random: SeededRandom,
  users: number,
  focus: RandomLogOptions['focus'],
  now: number,
): Record<string, unknown> {
  const named = (index: number): string => ODD_NAMES[index] ?? `@u${index}:x`;
  const user = (): string => named(random.below(users));
  /** Lists are between two, so with many users hardly anybody would answer. */
  const friend = (): string => (focus === 'lists' ? named(random.below(3)) : user());
  const maybe = <Value>(probability: number, name: string, value: Value): Record<string, Value> =>
    random.chance(probability) ? { [name]: value } : {};
  const device = maybe(0.85, 'device_id', `d${random.below(3)}`);
  const source = `s${random.below(3)}`;
  const invitation = `i${focus === 'lists' ? Number(random.chance(0.3)) : random.below(3)}`;
  const ts = random.chance(0.15)
    ? { ts: Math.max(0, now + random.pick([-3_600, -400, -300, -60, -1, 0, 1, 900]) * SECOND) }
    : {};
  const of = (type: string, fields: Record<string, unknown>): Record<string, unknown> => ({
    type,
    user_id: user(),
    ...fields,
    ...ts,
    ...maybe(0.05, 'note', 'not a field'),
  });
  return random.weighted<() => Record<string, unknown>>([
    [
      12,
      () =>
        of('device.connected', {
          ...device,
          ...maybe(0.3, 'connection_id', `c${random.below(3)}`),
          ...maybe(0.25, 'presence', random.pick(['online', 'unavailable', null])),
          ...maybe(0.4, 'source_id', source),
          ...maybe(0.15, 'ttl_ms', random.pick(TTLS)),
        }),
    ],
    [
      8,
      () =>
        of('device.disconnected', {
          ...device,
          ...maybe(0.3, 'connection_id', `c${random.below(3)}`),
          ...maybe(0.2, 'reason', random.pick(['logout', 'error'])),
        }),
    ],
    [14, () => of('device.active', { ...device, ...maybe(0.2, 'ttl_ms', random.pick(TTLS)) })],
    [6, () => of('device.presence', { ...device, presence: random.pick(['online', 'unavailable']) })],
    [
      8,
      () =>
        of('status.set', {
          ...(random.chance(0.5) ? device : {}),
          ...maybe(0.8, 'presence', random.pick(['online', 'unavailable', 'offline'])),
          ...maybe(0.4, 'status_msg', random.pick(['hi', 'away', '', null])),
        }),
    ],
    [
      focus === 'rooms' ? 30 : 8,
      () => of(random.chance(0.6) ? 'room.joined' : 'room.left', { room_id: `!r${random.below(3)}:x` }),
    ],
    [
      focus === 'lists' ? 15 : 5,
      () =>
        of(random.pick(['list.invited', 'list.invited', 'list.dropped']), {
          observed: friend(),
          ...(focus === 'lists' ? { user_id: friend() } : {}),
          invitation,
        }),
    ],
    [
      focus === 'lists' ? 25 : 5,
      () =>
        of(random.pick(['list.accepted', 'list.accepted', 'list.denied']), {
          owner: friend(),
          ...(focus === 'lists' ? { user_id: friend() } : {}),
          invitation,
        }),
    ],
    [
      focus === 'lists' ? 8 : 2,
      () =>
        of('visibility.set', {
          ...(focus === 'lists' ? { user_id: friend() } : {}),
          show_to: random.pick(['everyone', 'everyone', 'contacts', 'nobody']),
          blocked: random.chance(0.4) ? [friend()] : [],
        }),
    ],
    [1, () => of('user.removed', {})],
    [6, () => ({ type: 'source.alive', source_id: source, ttl_ms: random.pick(TTLS), ...ts })],
    [1.5, () => ({ type: 'source.gone', source_id: source })],
    [
      1,
      () => ({
        type: 'policy.set',
        ...maybe(0.4, 'idleAfterMs', random.pick([60_000, 300_000, 600_000])),
        ...maybe(0.4, 'activeForMs', random.pick([0, 30_000, 60_000, 300_000])),
        ...maybe(0.4, 'offlineAfterMs', random.pick([1, 10_000, 30_000, 60_000])),
        ...maybe(0.3, 'sourceTtlMs', random.pick([0, 15_000, 30_000])),
        ...maybe(0.3, 'unheardForMs', random.pick([0, 60_000, 3_600_000])),
      }),
    ],
    [2, () => ({ type: 'tick' })],
  ])();
}

/** The event with something wrong. */
function spoilt(random: SeededRandom, event: Record<string, unknown>): string {
  const text = JSON.stringify(event);
  return random.pick([
    () => text.slice(0, -1),
    () => '[]',
    () => 'null',
    () => '7',
    () => JSON.stringify({ ...event, type: 'device.exploded' }),
    () => JSON.stringify({ ...event, type: 'toString' }),
    () => JSON.stringify({ ...event, ts: -1 }),
    () => JSON.stringify({ ...event, ts: 1.5 }),
    () => JSON.stringify({ ...event, ts: '1' }),
    () => JSON.stringify({ ...event, device_id: '' }),
    () => JSON.stringify({ ...event, ttl_ms: 0 }),
    () => JSON.stringify({ ...event, user_id: 'x'.repeat(256) }),
    () => JSON.stringify({ ...event, status_msg: 'é'.repeat(513) }),
    () => JSON.stringify({ ...event, presence: 'busy' }),
    () => JSON.stringify({ ...event, activeForMs: 1e9, idleAfterMs: 1e9 }),
  ])();
}
