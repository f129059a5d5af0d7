import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const directory = temporaryDirectory();
const USERS = 16_000;
const PER_REQUEST = 1_000;
const images = (): string => join(directory.path(), 'images');

/** So many as are needed for images to be taken; each is in two rooms, and the first hundred have said something. */
function eventsOf(user: number): object[] {
  const user_id = `@u${user}:x`;
  const rooms = [`!${user % 100}:x`, `!all${user % 7}:x`].map((room_id) => ({ type: 'room.joined', user_id, room_id }));
  return user < 100 ? [...rooms, { type: 'status.set', user_id, status_msg: `status ${user}` }] : rooms;
}

const timesLogged = (server: ServerProcess, event: string): number =>
  server.process.errors.split(`"${event}"`).length - 1;

async function seenByAll(server: ServerProcess): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let user = 0; user < 100; user += 9) {
    const path = `/_matrix/client/v3/presence/@u${user}:x/status`;
    for (const observer of [user + 100, user + 101]) {
      const answer = await fetch(server.url + path, { headers: { authorization: `Bearer @u${observer}:x` } });
      seen.push(answer.status, ((await answer.json()) as { status_msg?: string }).status_msg);
    }
  }
  return seen;
}

test('after kill -9 a server begins from its images and what came after them, and shows what it showed', async () => {
  const server = await startStandalone(directory.path());
  await server.ready();
  const events = Array.from({ length: USERS }, (_, user) => eventsOf(user)).flat();
  for (let from = 0; from < events.length; from += PER_REQUEST) {
    await server.accept(...events.slice(from, from + PER_REQUEST));
  }
  while (timesLogged(server, 'image.taken') < 5) await new Promise((resolve) => setTimeout(resolve, 50));
  await server.accept({ type: 'status.set', user_id: '@u9:x', status_msg: 'after the image' });
  let seen = await seenByAll(server);
  while (!seen.includes('after the image')) seen = await seenByAll(server);
  await server.process.kill('SIGKILL');
  expect(readdirSync(images()).sort()).toEqual(
    ['delivery', ...[0, 1, 2, 3].map((n) => `projector-${n}`)].map((n) => `${n}.image`),
  );

  const second = await startStandalone(directory.path());
  await second.ready();
  expect(timesLogged(second, 'image.restored')).toBe(5);
  expect(await seenByAll(second)).toEqual(seen);
  expect(await second.process.kill('SIGTERM')).toBe(0);
});
