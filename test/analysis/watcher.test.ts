import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXCLUDED, MEMBERS_MAX, SILENT_CASES, WATCHER_CASES } from '../../apps/delivery/test/explain/watcher-cases.ts';
import type { Place } from './place.ts';
import { ask, importInto } from './place.ts';

const STEP_MS = 1_000;
const env = { PRESENTLY_ROOM_MEMBERS_MAX: String(MEMBERS_MAX), PRESENTLY_ROOMS_EXCLUDED: EXCLUDED };

/** Each case has users and a room of its own, so that one log holds all of them. */
const ofCase = (index: number, text: string): string =>
  text.replaceAll(/@(\w+):x/g, `@$1-${index}:x`).replaceAll('!r:x', `!r-${index}:x`);

const cases = [...WATCHER_CASES, ...SILENT_CASES].map((one, index) => ({
  ...one,
  user: ofCase(index, '@me:x'),
  watcher: ofCase(index, '@bob:x'),
  events: one.events.map((event) => ofCase(index, JSON.stringify(event))),
  told: ofCase(
    index,
    JSON.stringify({
      sees: one.sees,
      reason: one.reason,
      rooms: one.rooms ?? [],
      silent_rooms: 'silentRooms' in one ? one.silentRooms : [],
    }),
  ),
}));

let directory = '';
let places: Place[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'presently-watcher-'));
  const path = join(directory, 'events.ndjson');
  const lines = cases.flatMap(({ events }) => events);
  writeFileSync(path, lines.map((line, index) => `${line.replace('{', `{"ts":${index * STEP_MS},`)}\n`).join(''));
  const log = await importInto(directory, path);
  places = [
    { args: [path], env },
    { ...log, env },
  ];
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.each(cases)('explain says whether and why who is watching sees one: $who', async ({ user, watcher, told }) => {
  for (const place of places) {
    const answer = await ask(place, directory, 'explain', user, '--watcher', watcher, '--format', 'json');
    const { user_id, watcher: said } = JSON.parse(answer) as { user_id: string; watcher: Record<string, unknown> };
    expect(user_id).toBe(user);
    expect(said).toMatchObject({ user_id: watcher, ...(JSON.parse(told) as object) });
  }
});

test('at an instant, in text, and of a user whom nobody knows', async () => {
  const index = cases.findIndex(({ who }) => who === 'a blocked room-mate');
  const before = cases.slice(0, index).flatMap(({ events }) => events).length;
  const { user = '', watcher = '' } = cases[index] ?? {};
  for (const place of places) {
    const at = (events: number): Promise<string> =>
      ask(place, directory, 'explain', user, '--watcher', watcher, '--at', String((before + events - 1) * STEP_MS));
    expect(await at(1)).toContain(`\n  watched by ${watcher}: Sees nothing: they share no room`);
    expect(await at(2)).toContain(
      `\n  watched by ${watcher}: Sees everything: they share a room that conveys presence. (SEMANTICS.md, Who sees whom)\n` +
        `    shared rooms that convey presence: !r-${index}:x\n`,
    );
    expect(await at(3)).toContain(
      `\n  watched by ${watcher}: Sees an ordinary offline user: the user blocks the watcher.`,
    );
    const nobody = await ask(place, directory, 'explain', '@nobody:x', '--watcher', watcher);
    expect(nobody.match(/^@nobody:x at /gm)).toHaveLength(1);
    expect(nobody).toContain('Sees nothing: they share no room');
  }
});
