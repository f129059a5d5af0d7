import type { UserEvent } from '#domain/events';
import { brief, FoldedHub, joined, shows } from './folded-hub.ts';
import { accepted, denied, dropped, invited } from './folded-view.ts';

const OWNER = '@owner:x';
const ASKED = '@asked:x';

const asks = (invitation = 'i1'): UserEvent => invited(OWNER, ASKED, invitation);
const accepts = (invitation = 'i1'): UserEvent => accepted(ASKED, OWNER, invitation);
const denies = (invitation = 'i1'): UserEvent => denied(ASKED, OWNER, invitation);
const drops = (invitation = 'i1'): UserEvent => dropped(OWNER, ASKED, invitation);

/** What a client is told of lists. */
const news = (frames: Parameters<typeof brief>[0]): string[] =>
  brief(frames.filter(({ type }) => type.startsWith('m.presence_')));

test('a frame says whose list it is, and who sent it', () => {
  const stage = new FoldedHub();
  const [asked, owner] = [stage.begin(ASKED).subscription, stage.begin(OWNER).subscription];
  const content = { observer_user: OWNER, observed_user: ASKED };
  stage.happen(asks());
  expect(stage.told(asked)).toEqual([{ type: 'm.presence_invite', sender: OWNER, content }]);
  stage.happen(denies());
  expect(stage.told(owner)).toEqual([{ type: 'm.presence_deny', sender: ASKED, content }]);
  stage.happen(asks('i2'), accepts('i2'));
  expect(stage.told(owner)).toContainEqual({ type: 'm.presence_accept', sender: ASKED, content });
});

describe('whoever is asked is told', () => {
  test('when it begins, of what waits for an answer, and of nothing else', () => {
    const stage = new FoldedHub();
    stage.happen(
      asks(),
      invited('@second:x', ASKED, 'i'),
      invited('@third:x', ASKED, 'i'),
      invited('@fourth:x', ASKED, 'i'),
    );
    stage.happen(accepted(ASKED, '@second:x', 'i'), denied(ASKED, '@third:x', 'i'), dropped('@fourth:x', ASKED, 'i'));
    expect(news(stage.begin(ASKED).frames)).toEqual(['invite @owner:x']);
    expect(news(stage.begin(OWNER).frames)).toEqual([]);
    expect(news(stage.begin('@second:x').frames)).toEqual([]); // what was answered before it began is no news
  });

  test('while it listens: of a fresh invitation, also in place of another one; of none that was undone', () => {
    const stage = new FoldedHub();
    const { subscription } = stage.begin(ASKED);
    stage.happen(asks());
    expect(news(stage.told(subscription))).toEqual(['invite @owner:x']);
    stage.happen(asks()); // the same once more
    expect(stage.told(subscription)).toEqual([]);
    stage.happen(asks('i2'));
    expect(news(stage.told(subscription))).toEqual(['invite @owner:x']);
    stage.happen(drops('i2'), asks('i2'), drops('i2'));
    expect(stage.told(subscription)).toEqual([]);
    stage.happen(asks('i3'), accepts('i3'));
    expect(news(stage.told(subscription))).toEqual([]); // what it has answered already
  });

  test('when it comes back: of what was asked since, and nothing twice', () => {
    const stage = new FoldedHub();
    const before = stage.place;
    stage.happen(asks());
    const after = stage.place;
    stage.happen(invited('@second:x', ASKED, 'i'));
    expect(news(stage.begin(ASKED, before).frames)).toEqual(['invite @owner:x', 'invite @second:x']);
    expect(news(stage.begin(ASKED, after).frames)).toEqual(['invite @second:x']);
    expect(news(stage.begin(ASKED, stage.place).frames)).toEqual([]);
    stage.happen(drops(), asks());
    expect(news(stage.begin(ASKED, after).frames)).toEqual(['invite @owner:x', 'invite @second:x']);
  });

  test('of one that waits again, because another was accepted in its place', () => {
    const stage = new FoldedHub();
    stage.happen(asks(), denies());
    const { place } = stage;
    const { subscription } = stage.begin(ASKED);
    stage.happen(accepts('i9'));
    expect(news(stage.told(subscription))).toEqual(['invite @owner:x']);
    expect(news(stage.begin(ASKED, place).frames)).toEqual(['invite @owner:x']);
  });

  test('nothing by whom it blocks, until it does not', () => {
    const stage = new FoldedHub();
    stage.happen(shows(ASKED, 'everyone', [OWNER]));
    const { place } = stage;
    const { subscription } = stage.begin(ASKED);
    stage.happen(asks());
    expect(news(stage.told(subscription))).toEqual([]);
    expect(news(stage.begin(ASKED).frames)).toEqual([]);
    expect(news(stage.begin(ASKED, place).frames)).toEqual([]);
    const blocked = stage.place;
    stage.happen(shows(ASKED, 'everyone'));
    expect(news(stage.told(subscription))).toEqual(['invite @owner:x']);
    expect(news(stage.begin(ASKED).frames)).toEqual(['invite @owner:x']);
    expect(news(stage.begin(ASKED, blocked).frames)).toEqual(['invite @owner:x']);
  });
});

describe('whoever asked is told', () => {
  test('while it listens: of each answer, also of a revocation, and of none that was undone', () => {
    const stage = new FoldedHub();
    stage.happen(asks());
    const { subscription } = stage.begin(OWNER);
    stage.happen(accepts());
    expect(news(stage.told(subscription))).toEqual(['accept @asked:x']);
    stage.happen(denies(), accepts());
    expect(news(stage.told(subscription))).toEqual([]);
    stage.happen(denies());
    expect(news(stage.told(subscription))).toEqual(['deny @asked:x']);
    stage.happen(asks('i2'), denies('i2')); // another invitation, and the same answer
    expect(news(stage.told(subscription))).toEqual(['deny @asked:x']);
    stage.happen(denies('i2'), denies('i9'), denies('i2'));
    expect(news(stage.told(subscription))).toEqual([]);
  });

  test('nothing of answers to invitations that do not stand', () => {
    const stage = new FoldedHub();
    const { subscription } = stage.begin(OWNER);
    stage.happen(accepts(), denies('i2'), asks('i3'), drops('i3'), denies('i3'));
    expect(news(stage.told(subscription))).toEqual([]);
    stage.happen(asks()); // which was accepted before
    expect(news(stage.told(subscription))).toEqual(['accept @asked:x']);
  });

  test('when it comes back: of what was answered since, and nothing twice', () => {
    const stage = new FoldedHub({ partitionCount: 2 });
    stage.happen(asks(), invited(OWNER, '@second:x', 'i'));
    const before = stage.place;
    stage.happen(accepts(), denied('@second:x', OWNER, 'i'));
    const after = stage.place;
    expect(news(stage.begin(OWNER, before).frames)).toEqual(['accept @asked:x', 'deny @second:x']);
    expect(news(stage.begin(OWNER, after).frames)).toEqual([]);
    stage.happen(denies());
    expect(news(stage.begin(OWNER, after).frames)).toEqual(['deny @asked:x']);
    expect(news(stage.begin(OWNER, stage.place).frames)).toEqual([]);
  });

  test('that whoever has removed the account sees to no invitation any more', () => {
    const stage = new FoldedHub();
    stage.happen(joined(ASKED), asks(), accepts());
    const { place } = stage;
    const { subscription } = stage.begin(OWNER);
    stage.happen({ type: 'user.removed', user_id: ASKED });
    expect(brief(stage.told(subscription))).toEqual(['forget @asked:x', 'deny @asked:x']);
    expect(brief(stage.begin(OWNER, place).frames)).toEqual(['forget @asked:x', 'deny @asked:x']);
  });
});

test('nobody is told of invitations between others', () => {
  const stage = new FoldedHub();
  const { subscription } = stage.begin('@other:x');
  const { place } = stage;
  stage.happen(joined('@other:x'), joined(OWNER), joined(ASKED));
  stage.told(subscription);
  stage.happen(asks(), accepts(), denies(), asks('i2'));
  expect(news(stage.told(subscription))).toEqual([]);
  expect(news(stage.begin('@other:x').frames)).toEqual([]);
  expect(news(stage.begin('@other:x', place).frames)).toEqual([]);
});

test('whoever asks itself is told of both sides', () => {
  const stage = new FoldedHub();
  const { subscription } = stage.begin(OWNER);
  stage.happen(invited(OWNER, OWNER, 'i'));
  expect(news(stage.told(subscription))).toEqual(['invite @owner:x']);
  stage.happen(accepted(OWNER, OWNER, 'i'));
  expect(news(stage.told(subscription))).toEqual(['accept @owner:x']);
});
