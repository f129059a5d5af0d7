import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { runCommand } from '../analysis/run-command.ts';
import type { Example } from '../support/guides.ts';
import { commandsOf, example, EXAMPLES } from '../support/guides.ts';
import { Shell } from '../support/shell.ts';
import { ROOT } from '../support/source-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(120_000);
const directory = temporaryDirectory();
const MORNING = 'docs/examples/morning.ndjson';

/** How the commands begin that no test runs, and why none does. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm ci && npm start': 'It was installed, or no test would run; most tests here start that server.',
  'npm ci && npm test': 'This is that run.',
  'echo "PRESENTLY_TOKEN_KEY=$(openssl': 'It is for the next.',
  'docker compose ':
    'It needs Docker, and builds an image. test/kafka/compose.test.ts holds its file against the apps.',
  'kubectl ': 'It needs a cluster. test/deploy/kubernetes.test.ts checks the manifests.',
  'cd deploy/kubernetes': 'It is for the one before.',
  'kafka-console-consumer.sh ':
    'It is Kafka’s own, and reads until it is stopped. Tests read that topic by their own means.',
  'schemathesis run ': 'It sends requests for minutes. RELIABILITY.md has what it found.',
  'PRESENTLY_AUTH=jwt PRESENTLY_JWT_KEY_FILE=key.pem PRESENTLY_USER_WRITES_PER_S=0 ': 'It is for the one before.',
};

const isShell = ({ language }: Example): boolean => ['sh', 'bash', 'shell', 'console'].includes(language);

/** The examples that tests name. */
const named = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(ROOT, 'test', path), 'utf8'))
  .flatMap((text) => [...text.matchAll(/\b(?:example|printedBy)\('([\w ]+)'/g)].map(([, name = '']) => name));

/** `test/analysis/guide.test.ts` runs the examples of ANALYSIS.md that have no name; a test names each of the others. */
function isRun({ name, place }: Example): boolean {
  if (name === null) return false;
  return name === '' ? place.startsWith('docs/ANALYSIS.md:') : named.includes(name);
}

test('each command of the README and the guides is run by a test, or listed with the reason why not', () => {
  const examples = EXAMPLES.filter(isShell);
  expect(examples.length).toBeGreaterThan(20);
  const run = new Set(examples.filter(isRun).flatMap(({ text }) => commandsOf(text)));
  const others = examples.flatMap(({ place, text }) => commandsOf(text).map((command) => ({ place, command })));
  const excused = (command: string): string[] => Object.keys(NOT_RUN).filter((begin) => command.startsWith(begin));
  expect(others.filter(({ command }) => !run.has(command) && excused(command).length === 0)).toEqual([]);
  // And nothing is excused that is run, or is there no more.
  expect(new Set(others.filter(({ command }) => !run.has(command)).flatMap(({ command }) => excused(command)))).toEqual(
    new Set(Object.keys(NOT_RUN)),
  );
});

test('examples have names of their own, and tests name none that is there no more', () => {
  const names = EXAMPLES.flatMap(({ name }) => (name === null || name === '' ? [] : [name]));
  expect(new Set(names).size).toBe(names.length);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
});

/** Runs an example where there is a log of that morning, and returns what it prints. */
async function printedBy(name: string, env: Record<string, string> = {}): Promise<string> {
  const shell = new Shell(`set -e; ${example(name)}`, { directory: directory.path(), env });
  expect([await shell.ended, shell.printed]).toEqual([0, shell.printed]);
  return shell.printed;
}

/** `./data` with the events of that morning. */
async function importMorning(): Promise<void> {
  await runCommand(['import', join(ROOT, MORNING), '--data', join(directory.path(), 'data')], directory.path());
}

test('what became of somebody who connected and did nothing, and why', async () => {
  const lines = (await printedBy('replay piped')).trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { presence: string }).presence)).toEqual([
    'online',
    'online',
    'unavailable',
  ]);
});

test('and why they are unavailable at that moment', async () => {
  expect(await printedBy('explain piped')).toMatch(
    /^@alice:example at 2012-10-01T00:10:00\.000Z: unavailable\n {2}Unavailable, because every device that is there is idle/,
  );
});

test('the log as Parquet', async () => {
  await importMorning();
  await printedBy('parquet');
  expect(statSync(join(directory.path(), 'october.parquet')).size).toBeGreaterThan(500);
});

test('an instant by snapshots of the log', async () => {
  await importMorning();
  const [first, ...states] = (await printedBy('snapshots')).trimEnd().split('\n');
  expect(first).toMatch(/^Wrote \d+ snapshots to \.\/snapshots\.$/);
  const whole = await runCommand(['replay', join(ROOT, MORNING), '--at', '2026-03-02T09:21:00Z'], directory.path());
  expect(states).toEqual(whole.trimEnd().split('\n'));
});

test('tokens of a key of one’s own', async () => {
  // The server goes on, and what comes next is typed into another terminal.
  const commands = example('tokens').replace('npx presently standalone', 'npx presently standalone &');
  expect(commands).toContain('&');
  const shell = new Shell(`set -e; ${commands}\nwait`, {
    directory: directory.path(),
    env: { PRESENTLY_PORT: '0', PRESENTLY_DATA: join(directory.path(), 'data') },
  });
  try {
    const tokensIn = (printed: string): string[] => printed.match(/^eyJ\S+$/gm) ?? [];
    await shell.until((printed) => / listens on http\S+\n/.test(printed) && tokensIn(printed).length === 2);
    const [, url = ''] = / listens on (http\S+)\n/.exec(shell.printed) ?? [];
    const [alice = '', service = ''] = tokensIn(shell.printed);
    const status = async (path: string, token: string, body?: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return (await fetch(url + path, { headers, ...(body === undefined ? {} : { method: 'POST', body }) })).status;
    };
    const events = '{"events":[{"type":"device.active","user_id":"@bob:example"}]}';
    expect(await status('/v1/events', service, events)).toBe(200);
    expect(await status('/v1/events', alice, events)).toBe(403);
    expect(await status('/v1/users/@alice:example/explain', alice)).toBe(200);
  } finally {
    await shell.end();
  }
});
