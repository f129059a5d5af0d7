import { brief, connected, FoldedHub, joined, left } from './folded-hub.ts';

const A = '@a:x';
const B = '@b:x';
const C = '@c:x';

/** Alice in a room of two at most. */
function stage(...others: readonly string[]): FoldedHub {
  const hub = new FoldedHub({ membersMax: 2, excluded: ['!excluded:x'] });
  hub.happen(joined(A), ...others.map((user) => joined(user)));
  return hub;
}

/** What a client is told of rooms. */
const modes = (...args: Parameters<FoldedHub['begin']>): ((hub: FoldedHub) => string[]) => {
  return (hub) => brief(hub.begin(...args).frames).filter((text) => text.startsWith('!'));
};

describe('a fresh client', () => {
  test('takes its rooms for full, and is told of those that are not', () => {
    const hub = stage(B, C);
    hub.happen(joined(A, '!excluded:x'), joined(A, '!small:x'), joined(B, '!other:x'), joined(C, '!other:x'));
    expect(modes(A)(hub)).toEqual(['!r:x off', '!excluded:x off']);
  });
});

describe('while it listens, a client is told', () => {
  test('when a room gets too large, and when it is not any more, once', () => {
    const hub = stage(B);
    const { subscription } = hub.begin(A);
    hub.happen(joined(C));
    expect(brief(hub.told(subscription))).toContain('!r:x off');
    hub.happen(joined('@d:x'), left('@d:x'), connected(C));
    expect(subscription.hasNews).toBe(false);
    hub.happen(left(C));
    expect(brief(hub.told(subscription))).toContain('!r:x full');
  });

  test('nothing of what was undone in between', () => {
    const hub = stage(B);
    const { subscription } = hub.begin(A);
    hub.happen(joined(C), left(C));
    expect(hub.told(subscription)).toEqual([]);
  });

  test('of a room that it joins, if that conveys nothing', () => {
    const hub = stage();
    const { subscription } = hub.begin(A);
    hub.happen(
      joined(B, '!s:x'),
      joined(C, '!s:x'),
      joined(A, '!s:x'),
      joined(A, '!excluded:x'),
      joined(A, '!small:x'),
    );
    expect(brief(hub.told(subscription))).toEqual(['!s:x off', '!excluded:x off']);
  });

  test('that a room is full when it leaves, so that it is right when it comes back', () => {
    const hub = stage(B, C, '@d:x');
    const { subscription } = hub.begin(A);
    hub.happen(left(A));
    expect(brief(hub.told(subscription))).toEqual(['!r:x full']);
    hub.happen(left('@d:x'), joined('@d:x'), left('@d:x'), left(C));
    expect(hub.told(subscription)).toEqual([]);
    hub.happen(joined(A));
    expect(brief(hub.told(subscription))).toEqual(['@b:x offline']);
    hub.happen(joined(C));
    expect(brief(hub.told(subscription))).toContain('!r:x off');
  });

  test('nothing of rooms in which it is not', () => {
    const hub = stage();
    const { subscription } = hub.begin(A);
    hub.happen(joined(B, '!s:x'), joined(C, '!s:x'), joined('@d:x', '!s:x'), left(B, '!s:x'));
    expect(hub.told(subscription)).toEqual([]);
  });
});

describe('a client that comes back is told', () => {
  test('of what has changed since, and not of what has not', () => {
    const hub = stage(B, C);
    const off = hub.place;
    hub.happen(joined('@d:x'), left('@d:x'));
    expect(modes(A, off)(hub)).toEqual([]);
    hub.happen(left(C));
    expect(modes(A, off)(hub)).toEqual(['!r:x full']);
    const full = hub.place;
    expect(modes(A, full)(hub)).toEqual([]);
    hub.happen(joined(C));
    expect(modes(A, full)(hub)).toEqual(['!r:x off']);
  });

  test('of rooms that it has joined or left since', () => {
    const hub = stage(B, C, '@d:x'); // too many without Alice, too
    const { place } = hub;
    hub.happen(left(A), joined(A, '!excluded:x'));
    expect(modes(A, place)(hub)).toEqual(['!r:x full', '!excluded:x off']);
  });

  test('anew of a room that it has left and joined, in case it was told in between', () => {
    const hub = stage(B, C);
    const { place } = hub;
    hub.happen(left(A), joined(A));
    expect(modes(A, place)(hub)).toEqual(['!r:x off']);
  });

  test('of a room in which it was not at its place, though it was before and after', () => {
    const hub = stage(B, C, '@d:x');
    hub.happen(left(A));
    const { place } = hub;
    hub.happen(joined(A), left(A), joined(A)); // so it may have been there, and told that the room is off
    expect(modes(A, place)(hub)).toEqual(['!r:x off']);
  });

  test('anew of a room of which nobody remembers what it was', () => {
    const hub = stage(B, C);
    const off = hub.place;
    hub.happen(left(C), joined(C)); // who may have been there at the place, or not
    expect(modes(A, off)(hub)).toEqual(['!r:x off']);
    hub.happen(left(C));
    expect(modes(A, off)(hub)).toEqual(['!r:x full']);
  });

  test('in an excluded room nothing, whoever comes and goes', () => {
    const hub = stage();
    hub.happen(joined(A, '!excluded:x'));
    const { place } = hub;
    hub.happen(joined(B, '!excluded:x'), left(B, '!excluded:x'));
    expect(hub.begin(A, place).frames).toEqual([]);
  });
});
