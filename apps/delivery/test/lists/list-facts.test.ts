import type { UserEvent } from '#domain/events';
import { listFacts } from '#delivery/lists/list-facts';
import type { ListChange } from '#delivery/lists/list.schemas';
import { INVITATIONS_PER_OWNER_MAX, listChangeSchema } from '#delivery/lists/list.schemas';
import { accepted, denied, dropped, foldedView, invited } from '../folded-view.ts';

const ME = '@me:x';
const YOU = '@you:x';

/** What has to be written after these events; fresh ids are numbered. */
function written(events: readonly UserEvent[], change: Partial<ListChange>): string[] {
  let count = 0;
  const all = { invite: [], drop: [], accept: [], deny: [], ...change };
  return listFacts(foldedView(...events), ME, all, () => `fresh${++count}`).map((fact) => {
    expect(fact.user_id).toBe(ME);
    return `${fact.type} ${'owner' in fact ? fact.owner : fact.observed} ${fact.invitation}`;
  });
}

const mine = invited(ME, YOU, 'i');
const yours = invited(YOU, ME, 'i');

describe('the own list', () => {
  test.each<[string, UserEvent[], Partial<ListChange>, string[]]>([
    ['somebody new is invited', [], { invite: [YOU] }, [`list.invited ${YOU} fresh1`]],
    ['twice in one request is once', [], { invite: [YOU, YOU] }, [`list.invited ${YOU} fresh1`]],
    ['who is asked already is not asked again', [mine], { invite: [YOU] }, []],
    ['nor who is followed', [mine, accepted(YOU, ME, 'i')], { invite: [YOU] }, []],
    [
      'who has denied can be asked again',
      [mine, denied(YOU, ME, 'i')],
      { invite: [YOU] },
      [`list.invited ${YOU} fresh1`],
    ],
    [
      'and who has revoked',
      [mine, accepted(YOU, ME, 'i'), denied(YOU, ME, 'i')],
      { invite: [YOU] },
      [`list.invited ${YOU} fresh1`],
    ],
    ['and who was dropped', [mine, dropped(ME, YOU, 'i')], { invite: [YOU] }, [`list.invited ${YOU} fresh1`]],
    ['an earlier denial is of another invitation', [mine, denied(YOU, ME, 'h')], { invite: [YOU] }, []],
    ['who is asked is dropped', [mine], { drop: [YOU] }, [`list.dropped ${YOU} i`]],
    ['who is followed, too', [mine, accepted(YOU, ME, 'i')], { drop: [YOU, YOU] }, [`list.dropped ${YOU} i`]],
    ['who has denied, too', [mine, denied(YOU, ME, 'i')], { drop: [YOU] }, [`list.dropped ${YOU} i`]],
    ['whom nobody asked cannot be dropped', [], { drop: [YOU] }, []],
    ['nor who was dropped', [mine, dropped(ME, YOU, 'i')], { drop: [YOU] }, []],
    ['the list of another is not touched', [yours], { drop: [YOU] }, []],
  ])('%s', (_, events, change, facts) => {
    expect(written(events, change)).toEqual(facts);
  });

  test('oneself cannot be invited', () => {
    expect(() => written([], { invite: [YOU, ME] })).toThrow('cannot invite oneself');
  });
});

describe('answers to others', () => {
  test.each<[string, UserEvent[], Partial<ListChange>, string[]]>([
    ['who asks is accepted', [yours], { accept: [YOU] }, [`list.accepted ${YOU} i`]],
    ['or denied', [yours], { deny: [YOU] }, [`list.denied ${YOU} i`]],
    [
      'the invitation that stands is what is answered',
      [yours, invited(YOU, ME, 'j')],
      { accept: [YOU] },
      [`list.accepted ${YOU} j`],
    ],
    ['once', [yours, accepted(ME, YOU, 'i')], { accept: [YOU] }, []],
    ['once, also when it is denied', [yours, denied(ME, YOU, 'i')], { deny: [YOU] }, []],
    ['an acceptance can be revoked', [yours, accepted(ME, YOU, 'i')], { deny: [YOU] }, [`list.denied ${YOU} i`]],
    ['once, too', [yours, accepted(ME, YOU, 'i'), denied(ME, YOU, 'i')], { deny: [YOU] }, []],
    ['a denial can be taken back', [yours, denied(ME, YOU, 'i')], { accept: [YOU] }, [`list.accepted ${YOU} i`]],
    ['who has not asked cannot be answered', [], { accept: [YOU], deny: ['@z:x'] }, []],
    ['nor who asks no more', [yours, dropped(YOU, ME, 'i')], { accept: [YOU] }, []],
  ])('%s', (_, events, change, facts) => {
    expect(written(events, change)).toEqual(facts);
  });
});

describe('limits', () => {
  const full = Array.from({ length: INVITATIONS_PER_OWNER_MAX }, (_, i) => invited(ME, `@u${i}:x`, `i${i}`));

  test('so many invitations stand, and no more', () => {
    expect(() => written(full, { invite: [YOU] })).toThrow('A list has at most 1000 users');
    expect(written(full, { invite: ['@u3:x'] })).toEqual([]);
    expect(written(full, { invite: [YOU], drop: ['@u3:x'] })).toHaveLength(2);
    expect(written([...full, denied('@u3:x', ME, 'i3')], { invite: ['@u3:x'] })).toHaveLength(1);
  });

  test('a list that upstream has made larger can still be made smaller', () => {
    expect(written([...full, mine], { drop: [YOU] })).toEqual([`list.dropped ${YOU} i`]);
  });

  test.each([
    [{ invite: Array.from({ length: 101 }, () => YOU) }, 'takes at most 100, and has 101'],
    [{ invite: Array.from({ length: 60 }, () => YOU), deny: Array.from({ length: 60 }, () => YOU) }, 'names 120'],
    [{ invite: [YOU], drop: [YOU] }, 'invited or dropped, not both'],
    [{ accept: [YOU], deny: [YOU] }, 'accepted or denied, not both'],
    [{ invite: [''] }, 'invite.0'],
    [{ drop: ['x'.repeat(256)] }, 'longer than 255 bytes'],
    [[], 'must be an object'],
  ])('a body that cannot be used says why (%#)', (body, why) => {
    const { error } = listChangeSchema.safeParse(body);
    const told = error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n');
    expect(told).toContain(why);
  });
});
