import { decodeText } from '#domain/events';
import { Fold } from '#domain/fold';
import { publicState } from '#domain/presence';
import type { Announcement } from '#domain/state';
import { NaiveFold } from './naive-fold.ts';
import type { RandomLogOptions } from './random-log.ts';
import { randomLog } from './random-log.ts';

const SEEDS = 600;

const told = (userId: string, { ts, presence, currentlyActive, lastActiveTs, statusMsg }: Announcement): unknown => ({
  ts,
  user_id: userId,
  presence,
  currently_active: currentlyActive,
  last_active_ts: lastActiveTs,
  status_msg: statusMsg,
});

/** Both folds of a random log. */
function foldBoth(
  seed: number,
  options?: RandomLogOptions,
): { fold: Fold; naive: NaiveFold; announced: unknown[]; refused: number[] } {
  const fold = new Fold();
  const naive = new NaiveFold();
  const announced: unknown[] = [];
  const refused: number[] = [];
  for (const record of randomLog(seed, options)) {
    const { offset, timestamp, key, value } = record;
    naive.apply(record);
    fold.apply({ offset, timestamp, ...(key === undefined ? {} : { key }), decoded: decodeText(value) });
    const changes = fold.drain();
    announced.push(...changes.announcements.map(({ userId, announcement }) => told(userId, announcement)));
    refused.push(...changes.deadLetters.map((letter) => letter.offset));
  }
  return { fold, naive, announced, refused };
}

describe('the fold and a naive one, written apart, agree on random logs', () => {
  test(`in announcements, dead letters, final states and who is in which room, for ${SEEDS} seeds`, () => {
    let announcements = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { fold, naive, announced, refused } = foldBoth(seed);
      expect({ seed, announced }).toEqual({ seed, announced: naive.announcements });
      expect({ seed, refused }).toEqual({ seed, refused: naive.deadLetters });
      const states = [...fold.users()].map((user) => {
        const { presence, lastActiveTs } = publicState(user, fold.logTime, fold.policy);
        return { id: user.id, presence, ts: lastActiveTs };
      });
      const expected = states.map(({ id }) => {
        const { presence, last_active_ts: ts } = naive.publicState(id);
        return { id, presence, ts };
      });
      expect({ seed, states }).toEqual({ seed, states: expected });
      const members = [...fold.users()].flatMap((user) =>
        [...(user.ties.member ?? [])].filter(([, tie]) => tie.until === null).map(([room]) => [room, user.id].join()),
      );
      expect({ seed, members: members.sort() }).toEqual({
        seed,
        members: naive
          .members()
          .map((pair) => pair.join())
          .sort(),
      });
      announcements += announced.length;
    }
    expect(announcements).toBeGreaterThan(SEEDS * 20); // else the logs are too tame to tell anything
  });

  test('in who has asked whom onto a list, and what was answered', () => {
    let answers = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const { fold, naive } = foldBoth(seed, { focus: 'lists' });
      const facts = naive.facts();
      const found = [...fold.users()].flatMap(({ id, ties }) => [
        ...[...(ties.invite ?? [])].map(([observed, { until, invitation }]) => ({
          key: ['invite', id, observed],
          is: until === null ? invitation : null,
        })),
        ...[...(ties.answer ?? [])].map(([owner, { until, invitation: accepted, denied }]) => ({
          key: ['answer', owner, id],
          is: { accepted, denied: denied?.invitation ?? null, stands: until === null ? accepted : null },
        })),
      ]);
      const expected = found.map(({ key }) => {
        const text = facts.get(JSON.stringify(key)) ?? null;
        if (key[0] === 'invite' || text === null) return { key, is: text };
        const { accepted, denied, stands } = JSON.parse(text) as Record<string, string | null>;
        return { key, is: { accepted, denied, stands } };
      });
      expect({ seed, found }).toEqual({ seed, found: expected });
      answers += found.filter(({ key }) => key[0] === 'answer').length;
    }
    expect(answers).toBeGreaterThan(1_000);
  });
});
