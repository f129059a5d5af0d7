import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/source-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { runCommand, wordsOf } from './run-command.ts';

const directory = temporaryDirectory();
const guide = readFileSync(join(ROOT, 'docs/ANALYSIS.md'), 'utf8');

/** The commands that are marked as tests, and what they are said to print. */
const examples = [...guide.matchAll(/<!-- test -->\n```sh\nnpx presently ([^\n]+)\n```\n\n?```\n([^]*?)```/g)].map(
  ([, command = '', printed = '']) => [command, printed] as const,
);

test('every example of the guide is found', () => {
  expect(examples).toHaveLength(guide.split('<!-- test -->').length - 1);
});

test.each(examples)('presently %s', async (command, printed) => {
  const args = wordsOf(command).map((word) => (word.startsWith('docs/') ? join(ROOT, word) : word));
  expect((await runCommand(args, directory.path())).replaceAll('\r\n', '\n')).toBe(printed);
});

test('a room counts only while somebody is a member, and only what it is told', async () => {
  const file = join(ROOT, 'docs/examples/morning.ndjson');
  const rooms = await runCommand(['stats', file, '--table', 'rooms', '--format', 'ndjson'], directory.path());
  const [garden] = rooms.split('\n').map((line) => JSON.parse(line || '{}') as Record<string, unknown>);
  const room = '!garden:example';
  const users = await runCommand(
    [
      'stats',
      file,
      '--room',
      room,
      '--table',
      'users',
      '--sql',
      'SELECT sum(online_ms) AS online FROM result',
      '--format',
      'csv',
    ],
    directory.path(),
  );
  expect(garden).toMatchObject({ room_id: room, members: 2, members_max: 2 });
  expect(users).toBe(`online\r\n${String(garden?.online_ms)}\r\n`);
});
