import type { Changes } from '#domain/changes';
import { Fold } from '#domain/fold';
import { given, record, Scene } from './given.ts';
import { eventOf, secondsOf } from './notation.ts';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { StateTopic } from './state-topic.ts';

const DAY = 24 * 3_600;

const forgotten = ({ ties, forgotten: users }: Changes): string[] => [
  ...ties.filter(({ tie }) => tie === null).map(({ kind, other }) => `${kind} ${other}`),
  ...users.map(({ id }) => `user ${id}`),
];

describe('what has ended is forgotten after 24 hours of log time, and not before:', () => {
  test.each<[what: string, history: string, ended: number, forgets: string[]]>([
    ['a membership', '0 room.joined !r; 10 room.left !r', 10, ['member !r']],
    ['an invitation', '0 list.invited @v i1; 10 list.dropped @v i1', 10, ['invite @v']],
    [
      'a membership that began anew, when that has ended',
      '0 room.joined !r; 1 room.left !r; 9 room.joined !r; 10 room.left !r',
      10,
      ['member !r'],
    ],
    [
      'an account that was removed, and all that ended with it',
      '0 room.joined !s; 1 room.joined !r; 2 list.invited @v i1; 3 list.accepted @v i2; 10 user.removed',
      10,
      ['member !r', 'member !s', 'invite @v', 'answer @v', 'user @u'],
    ],
    [
      'with an account, the answers that had ended before',
      '0 list.denied @w i1; 1 list.accepted @v i2; 2 list.denied @v i2; 3 list.accepted @x i3; 10 user.removed',
      10,
      ['answer @v', 'answer @w', 'answer @x', 'user @u'],
    ],
    [
      'an account whose id was used again, when it has been removed again',
      '0 list.denied @v i1; 1 user.removed; 2 c d1; 10 user.removed',
      10,
      ['answer @v', 'user @u'],
    ],
    [
      'the ties of an account whose id is used again, but not the new one',
      '0 room.joined !r; 10 user.removed; 11 c d1',
      10,
      ['member !r'],
    ],
  ])('%s', (_what, history, ended, forgets) => {
    const scene = given(history);
    expect(forgotten(scene.changes(`${ended + DAY - 0.001} tick`))).toEqual([]);
    expect(forgotten(scene.changes(`${ended + DAY} tick`))).toEqual(forgets);
    expect(forgotten(scene.changes(`${ended + 3 * DAY} tick`))).toEqual([]);
  });

  test.each([
    ['a membership that stands', '0 room.joined !r'],
    ['a membership that began anew', '0 room.joined !r; 1 room.left !r; 2 room.joined !r'],
    ['an invitation that was made anew', '0 list.invited @v i1; 1 list.dropped @v i1; 2 list.invited @v i2'],
    ['an acceptance that was revoked, because the invitation may stand', '0 list.accepted @v i1; 1 list.denied @v i1'],
    ['a denial', '0 list.denied @v i1'],
    ['a denial of another invitation than the accepted', '0 list.accepted @v i1; 1 list.denied @v i2'],
    ['a denial after a revocation', '0 list.accepted @v i1; 1 list.denied @v i1; 2 list.denied @v i2'],
    ['a revocation after a denial', '0 list.accepted @v i1; 1 list.denied @v i2; 2 list.denied @v i1'],
    [
      'the answers of an account whose id is used again',
      '0 list.denied @v i1; 1 list.accepted @w i2; 2 user.removed; 3 c d1',
    ],
    ['a user who was not removed', '0 c d1; 1 x d1'],
    ['an account whose id is used again', '0 c d1; 1 user.removed; 2 status.set "hi"'],
  ])('never %s', (_what, history) => {
    expect(forgotten(given(history).changes(`${9 * DAY} tick`))).toEqual([]);
  });

  test('and then it leaves no record, although it was removed and forgotten in one commit', () => {
    const scene = new Scene();
    const state = new StateTopic();
    scene.takeAll(`0 room.joined !r; 0 visibility.set nobody; 1 user.removed; ${1 + DAY} tick`);
    state.commit(scene.fold);
    expect(state.keys).toEqual(['checkpoint']);
    expect(scene.fold.userCount).toBe(0);
  });

  test('but who watches hears of the removal before, also in that one commit', () => {
    const scene = new Scene();
    scene.takeAll(`0 c d1; 1 user.removed; ${1 + DAY} tick`);
    const checkpoint = checkpointRecord('log', scene.fold.checkpoint());
    const values = toRecords(scene.fold.drain(), checkpoint)
      .filter(({ key }) => key === 'user|@u')
      .map(({ value }) => (value?.kind === 'user' ? value.presence : value));
    expect(values).toEqual(['offline', null]);
  });

  test('and then it leaves no record, whom it showed itself to neither', () => {
    const scene = new Scene();
    const state = new StateTopic();
    scene.takeAll('0 visibility.set nobody; 1 user.removed');
    state.commit(scene.fold);
    expect(state.keys).toEqual(['user|@u', 'visibility|@u', 'checkpoint']);
    scene.takeAll(`${1 + DAY} tick`);
    state.commit(scene.fold);
    expect(state.keys).toEqual(['checkpoint']);
  });

  test('but a choice made since then stays', () => {
    const scene = new Scene();
    const state = new StateTopic();
    scene.takeAll(`0 visibility.set nobody; 1 user.removed; ${1 + DAY} visibility.set contacts`);
    state.commit(scene.fold);
    expect(state.records['visibility|@u']).toMatchObject({ show_to: 'contacts' });
  });
});

describe('the fold says before which position it has forgotten', () => {
  const before = (history: string, seconds: number): unknown => {
    const scene = given(`${history}; ${seconds} tick`);
    return Object.values(scene.fold.checkpoint().forgottenBefore);
  };

  test('nothing, at first', () => {
    expect(before('0 room.joined !r; 10 room.left !r', DAY)).toEqual([0, 0]);
  });

  test('the last tie that it forgot', () => {
    expect(before('0 room.joined !r; 10 room.left !r', 10 + DAY)).toEqual([1, 1]);
  });

  test('the removal, of an answer that had ended before', () => {
    const history = '0 list.denied @v i1; 1 room.joined !r; 2 room.left !r; 3 user.removed';
    expect(before(history, 2 + DAY)).toEqual([2, 1]);
    expect(before(history, 3 + DAY)).toEqual([3, 1]);
  });

  test('the last removal, of an account that was removed twice at one moment', () => {
    expect(before('0 list.denied @v i1; 1 user.removed; 1 c d1; 1 user.removed', 1 + DAY)).toEqual([3, 1]);
  });

  test('nothing of what began anew', () => {
    expect(before('0 room.joined !r; 1 room.left !r; 2 room.joined !r', 2 + DAY)).toEqual([0, 0]);
    expect(before('0 c d1; 1 user.removed; 2 c d1', 2 + DAY)).toEqual([0, 0]);
    expect(before('0 list.denied @v i1; 1 user.removed; 2 c d1', 2 + DAY)).toEqual([0, 0]);
  });
});

describe('what is forgotten at the time of a record', () => {
  /** What is left in the state topic by these lines, each at its place in the log, be there others or not. */
  const left = (...lines: readonly (readonly [offset: number, line: string])[]): unknown => {
    const fold = new Fold();
    const state = new StateTopic();
    for (const [offset, line] of lines) fold.apply(record(offset, secondsOf(line), eventOf(line, '@u')));
    state.commit(fold);
    return state.records;
  };

  test.each([
    ['a membership that begins anew', '0 room.joined !r', '1 room.left !r', `${1 + DAY} room.joined !r`],
    ['an invitation made anew', '0 list.invited @v i1', '1 list.dropped @v i1', `${1 + DAY} list.invited @v i2`],
    ['a denial of a new account', '0 list.accepted @v i1', '1 user.removed', `${1 + DAY} list.denied @v i2`],
    ['an account whose id is used again', '0 c d1', '1 user.removed', `${1 + DAY} room.joined !r`],
  ])('is forgotten before the record: %s comes out the same with a tick before it', (_what, first, second, third) => {
    const tick = `${1 + DAY} tick`;
    expect(left([0, first], [1, second], [3, third])).toEqual(left([0, first], [1, second], [2, tick], [3, third]));
  });
});

test.each(['compacted', 'not compacted'])(
  'a fold restored from a topic that is %s forgets the same, in the same order',
  (how) => {
    const scene = new Scene();
    const state = new StateTopic();
    const commit = (log: string): void => {
      scene.takeAll(log);
      state.commit(scene.fold);
    };
    commit(
      '0 room.joined !c; 0 room.joined !b; 0 room.joined !a; 0 list.invited @v i1; 0 c d1 by @w; 0 room.joined !a by @w',
    );
    commit('1 list.accepted @v i1; 1 list.denied @v i1; 1 room.left !b; 1 list.accepted @a i1');
    commit('2 room.joined !b; 2 room.left !c; 2 room.joined !c; 2 list.denied @v i2; 2 user.removed by @w');
    commit('3 c d1 by @w; 3 user.removed');
    if (how === 'compacted') state.compact();
    const restored = new Scene(state.restore());
    const forgets = [1, 2, 3].map((seconds) => {
      const changes = scene.changes(`${seconds + DAY} tick`);
      const again = restored.changes(`${seconds + DAY} tick`);
      expect([again.ties, forgotten(again)]).toEqual([changes.ties, forgotten(changes)]);
      expect(restored.fold.checkpoint()).toEqual(scene.fold.checkpoint());
      return forgotten(changes);
    });
    expect(forgets).toEqual([
      [],
      ['member !a'],
      ['member !a', 'member !b', 'member !c', 'invite @v', 'answer @a', 'answer @v', 'user @u'],
    ]);
  },
);
