import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SourceProcess } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const directory = temporaryDirectory();
const inDirectory = (name: string): string => join(directory.path(), name);
const data = (): string => inDirectory('data');

interface Ended {
  readonly code: number | string;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** Runs `presently` with these arguments until it ends. */
async function presently(...args: readonly string[]): Promise<Ended> {
  const process = new SourceProcess('apps/cli/src/main.ts', args);
  const code = await process.exited;
  return { code, lines: process.lines, errors: process.errors };
}

/** Writes an event file, a device being active at each of these times, and returns its path. */
function eventFile(name: string, ...times: readonly number[]): string {
  const path = inDirectory(name);
  const lines = times.map((ts) => `${JSON.stringify({ type: 'device.active', user_id: '@a:x', ts })}\n`).join('');
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(lines).subarray(0, -12) : lines);
  return path;
}

/** The arguments of each command that reads event files. */
const commands: [name: string, args: (file: string) => string[]][] = [
  ['import', (file) => ['import', '--data', data(), file]],
  ['replay', (file) => ['replay', file]],
  ['load', (file) => ['load', file, '--url', 'http://127.0.0.1:1']],
];

describe.each(commands)('%s says in one line, and exits with 1,', (_name, args) => {
  test('that a file is not there', async () => {
    const file = inDirectory('missing.ndjson');
    expect(await presently(...args(file))).toEqual({ code: 1, lines: [], errors: `There is no file ${file}.\n` });
    expect(existsSync(data())).toBe(false);
  });

  test('that a file is a directory', async () => {
    const file = inDirectory('events');
    mkdirSync(file);
    const errors = `${file} is a directory: name the files in it.\n`;
    expect(await presently(...args(file))).toEqual({ code: 1, lines: [], errors });
    expect(existsSync(data())).toBe(false);
  });

  test('that a compressed file is cut short', async () => {
    const file = eventFile('cut.ndjson.gz', 1, 2, 3);
    const errors = `Cannot read ${file}: unexpected end of file.\n`;
    expect(await presently(...args(file))).toMatchObject({ code: 1, errors });
    expect(existsSync(data()) ? readdirSync(data()) : []).toEqual([]);
  });
});

describe('import', () => {
  test('begins nothing when one of several files is not there', async () => {
    const { code } = await presently('import', '--data', data(), eventFile('a.ndjson', 1), inDirectory('b.ndjson'));
    expect(code).toBe(1);
    expect(existsSync(data())).toBe(false);
  });

  test('refuses files that are not in order of time, leaves nothing, and then takes them in order', async () => {
    const [first, second] = [eventFile('1.ndjson', 1_000, 3_000, 2_000), eventFile('2.ndjson', 3_000, 1)];
    const refused = await presently('import', '--data', data(), second, first);
    expect(refused).toEqual({
      code: 1,
      lines: [],
      errors:
        `${first} begins at 1000, before the end of what was named before it (3000), so nothing was imported: ` +
        `name the files in order of time, and merge those that overlap into one.\n`,
    });
    expect(readdirSync(data())).toEqual([]);
    expect(await presently('import', '--data', data(), first, second)).toEqual({
      code: 0,
      lines: [`Imported 5 events into ${data()}, in 4 partitions.`],
      errors: '',
    });
  });

  test('refuses a log that is not empty, and leaves it as it is', async () => {
    const file = eventFile('events.ndjson', 1, 2);
    await presently('import', '--data', data(), file);
    const before = await presently('replay', '--log', '--data', data());
    expect(before.lines).not.toEqual([]);
    expect(await presently('import', '--data', data(), file)).toEqual({
      code: 1,
      lines: [],
      errors: `The log in ${data()} is not empty: import into a new directory, named with --data.\n`,
    });
    expect(await presently('replay', '--log', '--data', data())).toEqual(before);
  });
});

describe('replay counts what cannot be folded, and prints nothing but announcements', () => {
  const withFaults = (): string => {
    const file = eventFile('events.ndjson', 1, 2);
    writeFileSync(file, '\nnot JSON\n{"type":"device.exploded","user_id":"@a:x"}\n{"type":"tick","ts":3}\n', {
      flag: 'a',
    });
    return file;
  };

  test('of files', async () => {
    const file = withFaults();
    const { code, lines, errors } = await presently('replay', eventFile('good.ndjson', 1), file);
    expect(code).toBe(0);
    expect(lines.map((line) => (JSON.parse(line) as { user_id: string }).user_id)).toEqual(['@a:x', '@a:x']);
    expect(errors).toBe(`Records that cannot be folded: 2. The first is offset 2 of ${file}: the line is not JSON.\n`);
  });

  test('of the log', async () => {
    await presently('import', '--data', data(), withFaults());
    const { code, lines, errors } = await presently('replay', '--log', '--data', data(), '--at', '2');
    expect(code).toBe(0);
    expect(lines).toHaveLength(1);
    expect(errors).toBe(
      'Records that cannot be folded: 2. The first is offset 1 of partition 0: the record is not JSON.\n',
    );
  });
});

describe('load exits with 1, and says why in one line,', () => {
  test('when the server refuses', async () => {
    const server = await startStandalone(data());
    const file = eventFile('events.ndjson', 1);
    const { code, errors } = await presently('load', file, '--url', server.url, '--token', 'wrong');
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/v1\/events refuses: This needs an upstream service’s token .*\n$/,
    );
    await server.process.kill('SIGTERM');
  });

  test('when the server takes nothing, however often it is asked', async () => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests++;
      response.writeHead(503, { 'retry-after': '0' }).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, errors } = await presently('load', eventFile('events.ndjson', 1), '--url', url);
    server.close();
    expect({ code, errors }).toEqual({ code: 1, errors: `${url}/v1/events takes no events: HTTP 503\n` });
    expect(requests).toBeGreaterThan(10);
  });
});

test('a setting that cannot be used is configuration, which is exit code 78', async () => {
  const process = new SourceProcess('apps/cli/src/main.ts', ['import', '--data', data(), eventFile('a.ndjson', 1)], {
    env: { PRESENTLY_PARTITIONS: '0' },
  });
  expect(await process.exited).toBe(78);
  expect(existsSync(data())).toBe(false);
});
