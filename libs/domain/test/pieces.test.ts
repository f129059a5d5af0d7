import type { Changes } from '#domain/changes';
import type { Fold, FoldRecord } from '#domain/fold';
import { given, record, Scene } from './given.ts';
import { StateTopic } from './state-topic.ts';

const COUNT = 200;
const MAX = 10;

/** A log after which a record makes much happen at once. */
const connected = (secondsOf: (i: number) => number): string =>
  Array.from({ length: COUNT }, (_, i) => `${secondsOf(i)} c d1 by @${i}`).join(';');

const joined = Array.from({ length: COUNT / 2 }, (_, i) => `0 room.joined !${i}`).join(';');
const ended = `${joined}; ${joined.replaceAll('joined', 'left')}`;
const denied = joined.replaceAll(/room.joined !(\d+)/g, 'list.denied @v$1 i');
const ticks = '0 tick;'.repeat(COUNT / 2 - 1);
const removed = `${joined}; ${ticks} 0 user.removed`;

const tomorrow = record(COUNT, 86_400, { type: 'tick' });
const tick = record(COUNT, 9_000, { type: 'tick' });
const policy = record(COUNT, 10, { type: 'policy.set', idleAfterMs: 5_000, activeForMs: 4_000 });

/** What each piece of the record's work changed. */
function pieces(fold: Fold, one: FoldRecord): Changes[] {
  const drained: Changes[] = [];
  fold.begin(one);
  while (!fold.advance(MAX)) drained.push(fold.drain());
  return [...drained, fold.drain()];
}

describe('a record that makes much happen is folded in pieces:', () => {
  const cases: readonly [what: string, log: string, one: FoldRecord, announcements: number][] = [
    ['many users at one instant', connected(() => 0), tick, 2 * COUNT],
    ['many users at as many instants', connected((i) => i / 10), tick, 2 * COUNT],
    ['many users by a policy', connected(() => 0), policy, COUNT],
    ['many ties that ended long ago', ended, tomorrow, 0],
    ['many ties that ended long ago, all at one position', removed, tomorrow, 0],
    ['many answers, with the account', `${denied}; ${ticks} 0 user.removed`, tomorrow, 0],
  ];

  test.each(cases)('%s', (_what, log, one, announcements) => {
    const drained = pieces(given(log).fold, one);
    expect(Math.max(...drained.map(({ size }) => size))).toBe(MAX);
    expect(drained.flatMap((changes) => changes.announcements)).toHaveLength(announcements);
  });

  test.each(cases)('%s, and told as if it had not been', (_what, log, one) => {
    const { fold } = given(log);
    fold.apply(one);
    const drained = pieces(given(log).fold, one);
    expect(drained.flatMap((changes) => changes.announcements)).toEqual(fold.drain().announcements);
  });

  test.each(cases)('%s, in a fold that is restored after each', (_what, log, one) => {
    const scene = new Scene();
    const whole = new StateTopic();
    const state = new StateTopic();
    scene.takeAll(log);
    state.commit(scene.fold);
    let fold = state.restore();
    scene.fold.apply(one);
    whole.commit(scene.fold);
    fold.begin(one);
    while (!fold.advance(MAX)) {
      state.commit(fold);
      fold = state.restore();
      fold.begin(one);
    }
    state.commit(fold);
    expect(state.records).toEqual({ ...state.records, ...whole.records });
  });
});

describe('a checkpoint within a record', () => {
  test('is of the moment before the instant of which some users are done, and at the next step', () => {
    const { fold } = given(connected(() => 0));
    fold.begin(tick);
    expect(fold.advance(MAX)).toBe(false);
    expect(fold.checkpoint()).toMatchObject({ next: { offset: COUNT, step: MAX }, t: 59_999 });
  });

  test('is of the instant of which all users are done', () => {
    const { fold } = given(connected((i) => i / 10));
    fold.begin(tick);
    expect(fold.advance(MAX)).toBe(false);
    expect(fold.checkpoint()).toMatchObject({ next: { offset: COUNT, step: MAX }, t: 60_900 });
  });

  test('is of the record, when the policy is looked at', () => {
    const { fold } = given(connected(() => 0));
    fold.begin(policy);
    expect(fold.advance(MAX)).toBe(false);
    expect(fold.checkpoint()).toMatchObject({
      next: { offset: COUNT, step: MAX },
      t: 10_000,
      policy: { activeForMs: 4_000 },
    });
  });
});

describe('steps', () => {
  test('begin anew with each record, also after a gap', () => {
    const { fold } = given('0 c d1');
    fold.apply(record(7, 60, { type: 'tick' }));
    expect(fold.drain().announcements[0]?.announcement.position).toEqual({ offset: 7, step: 0 });
    expect(fold.position).toEqual({ offset: 8, step: 0 });
  });

  test('go on with the record before which time was moved on', () => {
    const { fold } = given('0 c d1');
    fold.advanceTo(60_000);
    fold.apply(record(1, 61, { type: 'device.active', user_id: '@u' }));
    const positions = fold.drain().announcements.map(({ announcement }) => announcement.position);
    expect(positions).toEqual([
      { offset: 1, step: 0 },
      { offset: 1, step: 1 },
    ]);
  });
});
