import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fold } from '#domain/fold';
import { checkpointRecord, RULES_VERSION } from '#domain/state-records';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { readAll } from '../contract/reading.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { SourceProcess } from '../support/source-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const directory = temporaryDirectory();
const joined = (user: string): object => ({ type: 'room.joined', user_id: user, room_id: '!r:x' });
const connected = (user: string): object => ({ type: 'device.connected', user_id: user, device_id: 'D' });

/** The log of a server that has ended. */
const openLog = (): LmdbLog => LmdbLog.open({ directory: directory.path(), clock: new MovableClock() });

/** All user events in the log. */
async function userEvents(): Promise<string[]> {
  const log = openLog();
  const all: string[] = [];
  for (let partition = 0; partition < log.partitionCount; partition++) {
    for (const { key } of await readAll(log, 'events', partition)) if (key !== null) all.push(key);
  }
  await log.close();
  return all;
}

test('a malformed batch is a 400 that names each bad event, and nothing of it is written', async () => {
  const server = await startStandalone(directory.path());
  const { status, body } = await server.post([
    joined('@a:x'),
    { type: 'device.exploded', user_id: '@a:x' },
    { type: 'device.active', user_id: '' },
    connected('@a:x'),
    { type: 'tick' },
    { type: 'device.active', user_id: '@a:x', ts: -1 },
  ]);
  expect(status).toBe(400);
  expect(body.errcode).toBe('M_BAD_JSON');
  expect(body.faults?.map(({ index }) => index)).toEqual([1, 2, 4, 5]);
  expect(body.faults?.map(({ error }) => error).join('\n')).toMatch(
    /unknown type "device.exploded"\n.*user_id.*\ntick is not for upstream services.*\n.*ts/,
  );
  await server.accept(connected('@b:x'));
  await server.process.kill('SIGTERM');
  expect(await userEvents()).toEqual(['@b:x']);
});

test('a body that cannot be read is a Matrix error', async () => {
  const server = await startStandalone(directory.path());
  for (const [contentType, body, status, errcode] of [
    ['application/json', '{"events":[', 400, 'M_NOT_JSON'],
    ['application/json', '{}', 400, 'M_BAD_JSON'],
    ['application/x-ndjson', '{"type":"tick"\n', 400, 'M_BAD_JSON'],
    ['text/xml', '<events/>', 415, 'M_NOT_JSON'],
    ['application/json', `{"events":["${'x'.repeat(9_000_000)}"]}`, 413, 'M_TOO_LARGE'],
  ] as const) {
    const headers = { authorization: 'Bearer dev-upstream', 'content-type': contentType };
    const response = await fetch(`${server.url}/v1/events`, { method: 'POST', headers, body });
    const error = expect.stringMatching(/^\S.{20,}/s);
    expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ errcode, error })]);
  }
  await server.process.kill('SIGTERM');
});

test('poison put straight on the log lands in the dead letters, and the partition goes on', async () => {
  let server = await startStandalone(directory.path(), { env: { PRESENTLY_PARTITIONS: '1' } });
  await server.accept(joined('@alice:x'), joined('@bob:x'));
  await server.process.kill('SIGTERM');
  const poison = [
    'not JSON',
    '[]',
    '{"type":"device.exploded","user_id":"@bob:x"}',
    JSON.stringify(connected('@eve:x')),
  ];
  const log = openLog();
  await log.append(
    'events',
    [...poison, Buffer.from([0xff, 0xfe]), null].map((value) => ({ key: '@bob:x', value, partition: 0 })),
  );
  await log.append('events', [{ key: '@bob:x', value: JSON.stringify(connected('@bob:x')) }]);
  await log.close();
  server = await startStandalone(directory.path());
  const alice = new StreamClient(server.url, '@alice:x');
  await server.ready();
  await alice.event(({ type }) => type === 'snapshot');
  await server.accept({ type: 'status.set', user_id: '@bob:x', status_msg: 'still here' });
  await alice.event(({ data }) => data.content?.status_msg === 'still here' && data.content.presence === 'online');
  await server.process.kill('SIGTERM');
  const after = openLog();
  const letters = (await readAll(after, 'dead-letters', 0)).map(
    ({ value }) => JSON.parse(value?.toString() ?? '{}') as { offset: number; reason: string; value: string | null },
  );
  await after.close();
  expect(letters.map(({ reason }) => reason)).toEqual([
    'the record is not JSON',
    'the record is not a JSON object',
    'unknown type "device.exploded"',
    'the record\'s key is not its user_id "@eve:x"',
    'the record is not UTF-8',
    'the record has no value',
  ]);
  expect(letters.map(({ offset }) => offset)).toEqual([3, 4, 5, 6, 7, 8]);
  expect(letters.slice(0, 4).map(({ value }) => value)).toEqual(poison);
  expect(letters[4]).toMatchObject({ value: null, value_base64: '//4=' });
});

describe('what cannot be started says why in one line, and exits with a code that is not 0', () => {
  const failure = async (promise: Promise<ServerProcess>): Promise<string> => {
    const error = await promise.then(
      () => new Error('It started.'),
      (reason: unknown) => reason as Error,
    );
    return error.message;
  };

  test('a port in use, and a second process on the same data directory', async () => {
    const server = await startStandalone(directory.path());
    const { port } = new URL(server.url);
    const [samePort, sameData] = await Promise.all([
      failure(startStandalone(join(directory.path(), 'other'), { args: ['--port', port] })),
      failure(startStandalone(directory.path())),
    ]);
    expect(samePort).toContain(`ended (78): Presently cannot start: port ${port} on 127.0.0.1 is in use.`);
    expect(samePort.trim().split('\n')).toHaveLength(1);
    expect(sameData).toMatch(
      new RegExp(
        `^The process has ended \\(78\\): The data directory .* is in use by process ${server.process.child.pid} on`,
      ),
    );
    await server.process.kill('SIGTERM');
  });

  test('a data directory that cannot be written', async () => {
    writeFileSync(join(directory.path(), 'file'), '');
    const path = join(directory.path(), 'file', 'data');
    const message = await failure(startStandalone(path));
    expect(message).toMatch(/^The process has ended \(78\): Cannot write the data directory .*\/file\/data: .*\n$/);
  });

  test('settings that cannot be used, all of them at once', async () => {
    const env = {
      PRESENTLY_HOST: '0.0.0.0',
      PRESENTLY_PARTITION: '3',
      PRESENTLY_TOKEN_KEY: 'short',
      PRESENTLY_IDLE_AFTER_MS: '60000',
    };
    const message = await failure(startStandalone(directory.path(), { env, args: [] }));
    expect(message).toContain('ended (78): The configuration cannot be used:');
    for (const fault of [
      'PRESENTLY_PARTITION is not a setting',
      'PRESENTLY_TOKEN_KEY: must be 64',
      'listens on loopback only, not on 0.0.0.0',
      'PRESENTLY_ACTIVE_FOR_MS (60000) must be less than PRESENTLY_IDLE_AFTER_MS (60000)',
    ]) {
      expect(message).toContain(fault);
    }
  });

  test('another number of partitions than the log’s', async () => {
    await openLog().close();
    const env = { PRESENTLY_PARTITIONS: '8' };
    const message = await failure(startStandalone(directory.path(), { env }));
    expect(message).toMatch(
      /ended \(78\): PRESENTLY_PARTITIONS is 8, and the log in .* has 4 partitions, for good: take the setting out.*\n$/,
    );
  });

  test('an address that is not this machine’s', async () => {
    const env = { PRESENTLY_HOST: '127.0.0.256' };
    const message = await failure(startStandalone(directory.path(), { env }));
    expect(message).toMatch(
      /ended \(78\): Presently cannot start: cannot listen on 127\.0\.0\.256 .*PRESENTLY_HOST\.\n$/,
    );
  });

  test('state that was made by other rules', async () => {
    const log = openLog();
    const checkpoint = { ...checkpointRecord(log.logId, new Fold().checkpoint()), rules: RULES_VERSION + 1 };
    const owner = await log.own(0);
    await owner.commit([{ topic: 'state', key: 'checkpoint', value: JSON.stringify(checkpoint) }]);
    await log.close();
    const server = new SourceProcess('apps/standalone/src/main.ts', ['--data', directory.path(), '--port', '0'], {
      env: { PRESENTLY_LOG_LEVEL: 'silent' },
    });
    expect(await server.exited).toBe(78);
    expect(server.errors).toMatch(/^The state was made by rules version 2, and this is version 1: .*\.\n$/);
  });

  test('another policy than the log’s', async () => {
    const server = await startStandalone(directory.path());
    await server.ready();
    await server.process.kill('SIGTERM');
    const env = { PRESENTLY_IDLE_AFTER_MS: '600000' };
    const other = await startStandalone(directory.path(), { env });
    expect(await other.process.exited).toBe(78);
    expect(other.process.errors).toContain(
      'idleAfterMs is 300000 in the log and 600000 in the configuration. Change it in the log with `presently policy set`',
    );
  });
});
