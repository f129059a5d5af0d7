import { expect, jest, test } from '@jest/globals';
import type { Change } from '#client/change';
import { connect } from '#client/client';
import { systemClock } from '#client/system-clock';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();

/** It waits a tenth as long: clients that come back after a restart do so after seconds. */
const hasty = { ...systemClock, after: (ms: number, run: () => void) => systemClock.after(ms / 10, run) };

const joined = (user_id: string): object => ({ type: 'room.joined', user_id, room_id: '!r:x' });
const connected = (user_id: string): object => ({ type: 'device.connected', user_id });
const status = (user_id: string, status_msg: string): object => ({ type: 'status.set', user_id, status_msg });

async function start(args: string[] = []): Promise<ServerProcess> {
  const server = await startStandalone(directory.path(), { args });
  await server.ready();
  return server;
}

test('changes are seen, a restart of the server loses none of them, an abort ends it, and another client goes on', async () => {
  const first = await start();
  await first.accept(...['@a:x', '@b:x', '@c:x', '@d:x'].map(joined), connected('@b:x'), connected('@d:x'));
  const stopping = new AbortController();
  const client = connect({
    url: first.url,
    token: '@a:x/D',
    setPresence: 'online',
    signal: stopping.signal,
    clock: hasty,
  });
  const changes = client.watch();
  const told: Change[] = [];
  const until = async (isIt: () => boolean): Promise<void> => {
    while (!isIt()) {
      const { value, done } = await changes.next();
      if (done === true) throw new Error('The watch has ended.');
      told.push(value);
    }
  };
  const presenceOf = (userId: string): string | undefined => client.roster.get(userId)?.presence;

  await until(() => presenceOf('@a:x') === 'online' && presenceOf('@b:x') === 'online');
  await first.accept(connected('@c:x'));
  await until(() => client.roster.get('@c:x')?.currentlyActive === true);
  await client.setPresence('unavailable', 'in the garden');
  await until(() => client.roster.get('@a:x')?.statusMsg === 'in the garden');
  await client.active();
  await until(() => presenceOf('@a:x') === 'online');

  const token = client.resumeToken;
  expect(await first.process.kill('SIGTERM')).toBe(0);
  const second = await start(['--port', new URL(first.url).port]);
  await second.accept(status('@b:x', 'one'), status('@b:x', 'two'), { ...joined('@d:x'), type: 'room.left' });
  await second.accept(status('@c:x', 'last'));
  await until(() => client.roster.get('@c:x')?.statusMsg === 'last' && !client.roster.has('@d:x'));
  await until(() => client.roster.get('@b:x')?.statusMsg === 'two');
  expect(told.map(({ type }) => type)).toContain('disconnected');
  expect(told.filter(({ type }) => type === 'ready')).toHaveLength(1); // it went on, with no second snapshot
  expect(client.resumeToken).not.toBe(token);

  const next = changes.next();
  stopping.abort();
  while (!(await next).done && !(await changes.next()).done);
  await expect(client.setPresence('online')).rejects.toThrow('abort');

  const another = connect({ url: first.url, token: '@a:x/D', since: client.resumeToken ?? '' });
  await second.accept(status('@b:x', 'new'));
  for await (const change of another.watch()) {
    expect(['connected', 'presence']).toContain(change.type);
    if (change.type === 'presence' && change.user.statusMsg === 'new') break;
  }
  const refused = connect({ url: first.url, token: 'nobody' });
  await expect(refused.watch().next()).rejects.toMatchObject({ status: 401, errcode: 'M_UNKNOWN_TOKEN' });
});
