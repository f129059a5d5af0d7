import { explanationText } from '#cli/explanation-text';
import { explain } from '#domain/explain';
import { given, USER } from '../../../libs/domain/test/given.ts';

/** The text about the user at the end of that log, without its first line. */
function textAfter(log: string, partition: number | null = null): string[] {
  const { fold } = given(log);
  const to = { policy: fold.policy, logTime: fold.logTime, partition, nextOffset: fold.position.offset };
  return explanationText(explain(USER, fold.user(USER), to))
    .split('\n')
    .slice(1);
}

test('a device held by a gateway, a lease, and what is set by hand are told', () => {
  expect(textAfter('0 source.alive g ttl 15; 1 c d1 of g; 2 a d2 ttl 9; 3 status.set offline "hi"', 2)).toEqual([
    '  Offline, because the user has set that, and it holds, whatever the devices do, until they set another presence. (SEMANTICS.md, State)',
    '  last active: 1970-01-01T00:00:02.000Z',
    '  devices:',
    '    d1: online until 1970-01-01T00:05:01.000Z; says online; there until 1970-01-01T00:00:45.000Z, by the lease of its source',
    '      last active 1970-01-01T00:00:01.000Z, last seen 1970-01-01T00:00:01.000Z',
    '      connection d1, held by source g, whose lease ends at 1970-01-01T00:00:15.000Z',
    '    d2: online until 1970-01-01T00:05:02.000Z; says online; there until 1970-01-01T00:00:32.000Z, because it was seen not long ago',
    '      last active 1970-01-01T00:00:02.000Z, last seen 1970-01-01T00:00:02.000Z, its own lease until 1970-01-01T00:00:11.000Z',
    '  set by hand: offline, at 1970-01-01T00:00:03.000Z',
    '  next: 1970-01-01T00:00:32.000Z: Device d2 is removed: nothing is announced.',
    '  last announced: 1970-01-01T00:00:03.000Z: offline, "hi"; cause status.set, event 3',
    '  log: events before offset 4 of partition 2; the user’s last is 3',
    '',
  ]);
});

test('of nobody there is nothing to tell but that', () => {
  expect(textAfter('5 c d1 by @other')).toEqual([
    '  Offline, because nothing was ever heard of this user, or the account was removed. (SEMANTICS.md, State)',
    '  last active: never, as far as others are told',
    '  devices: none',
    '  set by hand: nothing',
    '  next: nothing, until an event comes',
    '  last announced: never',
    '  log: events before offset 1, none of them the user’s',
    '',
  ]);
});

test('a lease that is said to last longer than dates go is told as it is', () => {
  expect(textAfter('0 a d1 ttl 9000000000000').join('\n')).toContain(
    'there until 9000000000000000 ms, by its own lease',
  );
});
