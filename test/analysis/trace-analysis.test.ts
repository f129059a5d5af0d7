import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Announced } from '#analysis/announcement-stream';
import { DuckDbResult } from '#analysis/output/duckdb';
import { ndjson } from '#analysis/output/ndjson';
import type { Statistics } from '#analysis/statistics/statistics';
import { statisticsTable } from '#analysis/statistics/statistics-tables';
import { takeStatistics } from '#analysis/statistics/take-statistics';
import type { Table } from '#analysis/table';
import { WhatIf } from '#analysis/what-if';
import { startFold } from '#cli/snapshots/start-fold';
import { writeSnapshots } from '#cli/snapshots/write-snapshots';
import { Fold } from '#domain/fold';
import { publicState } from '#domain/presence';
import { SeededRandom } from '#runtime/clock/seeded-random';
import { traceFile } from '../support/trace.ts';
import { announcementsIn, announcementTable, partitionOf, rowsOf, sourceOf } from './reading.ts';

jest.setTimeout(300_000);

const TEN_MINUTES_MS = 600_000;
const INSTANTS = 12;
let directory = '';
let file = '';
let announced: Announced[] = [];
/** DuckDB with the announcements as its table `result`. */
let sql: DuckDbResult;
let statistics: Statistics;
let to = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'presently-analysis-'));
  file = traceFile();
  announced = await announcementsIn(file);
  sql = await DuckDbResult.of(announcementTable(announced));
  ({ statistics, to } = await takeStatistics([partitionOf(file)], { from: null, user: null, room: null }, null));
});

afterAll(() => {
  sql.close();
  rmSync(directory, { recursive: true, force: true });
});

async function textOf(table: Table): Promise<string> {
  let text = '';
  for await (const piece of ndjson(table)) text += piece;
  return text;
}

/** Stretches of each user in one presence, and sessions, from the announcements alone. */
const stretches = (): string => `
  WITH changes AS (
    SELECT user_id, epoch_ms(ts) AS since, presence, row_number() OVER () AS n FROM result
  ), stretches AS (
    SELECT user_id, since, n, presence,
      lag(presence, 1, 'offline') OVER w AS before,
      lead(since, 1, ${to}) OVER w AS until
    FROM changes WINDOW w AS (PARTITION BY user_id ORDER BY n)
  )`;

test('the time of each user in each state is what SQL makes of the announcements', async () => {
  const expected = await sql.query(`${stretches()}
    SELECT user_id,
      sum(CASE WHEN presence = 'online' THEN until - since ELSE 0 END)::BIGINT AS online,
      sum(CASE WHEN presence = 'unavailable' THEN until - since ELSE 0 END)::BIGINT AS unavailable,
      sum(CASE WHEN before = 'offline' AND presence <> 'offline' THEN 1 ELSE 0 END)::BIGINT AS begun,
      count(*) AS announcements
    FROM stretches GROUP BY user_id ORDER BY user_id`);
  const rows = (await rowsOf(statisticsTable('users', statistics, to))).filter((row) => row[5] !== 0);
  const open = new Set(statistics.sessions.filter(({ end }) => end === null).map(({ userId }) => userId));
  expect(
    rows.map(([id, online, unavailable, , sessions, count]) => [
      id,
      online,
      unavailable,
      Number(sessions) + (open.has(String(id)) ? 1 : 0),
      count,
    ]),
  ).toEqual(await rowsOf(expected));
  const whole = to - statistics.from;
  expect(
    rows.every(([, online, unavailable, offline]) => Number(online) + Number(unavailable) + Number(offline) === whole),
  ).toBe(true);
});

test('sessions and their lengths are what SQL makes of the announcements', async () => {
  const expected = await sql.query(`${stretches()}, ends AS (
      SELECT user_id, since, presence = 'offline' AS is_end, n FROM stretches
      WHERE (before = 'offline') <> (presence = 'offline')
    ), sessions AS (
      SELECT is_end, lead(since) OVER (PARTITION BY user_id ORDER BY n) - since AS length FROM ends
    )
    SELECT count(length), count(*) - count(length),
      quantile_disc(length, 0.5), quantile_disc(length, 0.9), max(length)
    FROM sessions WHERE NOT is_end`);
  const [summary = []] = await rowsOf(statisticsTable('summary', statistics, to));
  expect([summary.slice(5, 10)]).toEqual(await rowsOf(expected));
});

test('how many are shown at a minute is how many were last announced so', async () => {
  const random = new SeededRandom(3);
  const rows = await rowsOf(statisticsTable('concurrency', statistics, to));
  expect(rows.length).toBeGreaterThan(100);
  for (let i = 0; i < INSTANTS; i++) {
    const [ts = 0, online, unavailable] = rows[Math.floor(random.next() * rows.length)] ?? [];
    const last = new Map<string, string>();
    for (const { userId, announcement } of announced) {
      if (announcement.ts <= Number(ts)) last.set(userId, announcement.presence);
    }
    const count = (presence: string): number => [...last.values()].filter((one) => one === presence).length;
    expect([online, unavailable]).toEqual([count('online'), count('unavailable')]);
  }
});

test('every announcement is counted, by its cause', async () => {
  const expected = await sql.query('SELECT cause_type, count(*) AS n FROM result GROUP BY 1 ORDER BY n DESC, 1');
  const rows = (await rowsOf(statisticsTable('outcomes', statistics, to))).filter(
    ([outcome]) => outcome === 'announced',
  );
  expect(rows.map(([, cause, , count]) => [cause, count])).toEqual(await rowsOf(expected));
});

test('Parquet read back is the NDJSON', async () => {
  const path = join(directory, "it's.parquet");
  await sql.writeParquet('SELECT * FROM result', path);
  expect(statSync(path).size).toBeGreaterThan(0);
  const back = await sql.query(`SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`);
  expect(await textOf(back)).toBe(await textOf(announcementTable(announced)));
});

test('what-if of ten minutes is a replay with that policy', async () => {
  const policyOverride = { idleAfterMs: TEN_MINUTES_MS };
  const { fold: own, ...partition } = partitionOf(file);
  const other = new Fold({ ...sourceOf(file).foldOptions, policyOverride });
  const whatIf = await WhatIf.of([{ ...partition, own, other }]);
  const replayed = await announcementsIn(file, policyOverride);
  const kinds = await rowsOf(whatIf.byKind());
  const ofKind = (of: readonly Announced[], kind: unknown): number =>
    of.filter(({ announcement }) => announcement.cause.type === kind).length;
  expect(kinds.map(([kind, , ,]) => kind)).toContain('idle');
  for (const [kind, before, after, added] of kinds) {
    expect([before, after]).toEqual([ofKind(announced, kind), ofKind(replayed, kind)]);
    expect(added).toBe(Number(after) - Number(before));
  }
  const [summary = []] = await rowsOf(whatIf.summary());
  expect(summary.slice(0, 2)).toEqual([announced.length, replayed.length]);
  expect(summary[5]).toBe(differing(announced, replayed, to));
  expect(summary[5]).toBeGreaterThan(0);
});

function byUser(all: readonly Announced[]): Map<string, Announced[]> {
  const users = new Map<string, Announced[]>();
  for (const one of all) {
    const known = users.get(one.userId);
    if (known === undefined) users.set(one.userId, [one]);
    else known.push(one);
  }
  return users;
}

/** User-milliseconds in which two replays show different presence, by looking at every instant at which either changes. */
function differing(a: readonly Announced[], b: readonly Announced[], end: number): number {
  const [byA, byB] = [a, b].map(byUser);
  let total = 0;
  for (const id of new Set([...(byA?.keys() ?? []), ...(byB?.keys() ?? [])])) {
    const sides = [byA, byB].map((by) => by?.get(id)?.map(({ announcement }) => announcement) ?? []);
    const instants = [...new Set(sides.flat().map(({ ts }) => ts))].sort((x, y) => x - y);
    const next = [0, 0];
    instants.forEach((ts, index) => {
      const [one, two] = sides.map((side, which) => {
        while ((side[next[which] ?? 0]?.ts ?? Infinity) <= ts) next[which] = (next[which] ?? 0) + 1;
        return side[(next[which] ?? 0) - 1]?.presence ?? 'offline';
      });
      if (one !== two) total += (instants[index + 1] ?? end) - ts;
    });
  }
  return total;
}

/** All that is known of everybody at an instant. */
const statesOf = (fold: Fold, at: number): string =>
  [...fold.users()]
    .map((user) => JSON.stringify([user.id, user.devices.length, publicState(user, at, fold.policy)]))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join('\n');

test('the state at any instant is the same from a snapshot as from the beginning', async () => {
  const snapshots = join(directory, 'snapshots');
  const source = sourceOf(file);
  expect(await writeSnapshots(source, snapshots, 5_000)).toBeGreaterThan(5);
  expect(await writeSnapshots(source, snapshots, 5_000)).toBe(0); // all is there already
  const random = new SeededRandom(5);
  const span = to - statistics.from;
  const instants = Array.from({ length: INSTANTS }, () => statistics.from + Math.floor(random.next() * span));
  let restored = 0;
  const whole = new Fold(source.foldOptions);
  const pending = instants.sort((a, b) => a - b);
  const compare = async (at: number): Promise<void> => {
    whole.advanceTo(at);
    whole.drain();
    const { fold, from } = startFold(source, source.foldOptions, snapshots, at);
    if (from !== null) restored++;
    reading: for await (const { records } of source.read(from)) {
      for (const record of records) {
        if (record.timestamp > at) break reading;
        fold.apply(record);
      }
    }
    fold.advanceTo(at);
    expect(statesOf(fold, at)).toBe(statesOf(whole, at));
    expect(fold.position.offset).toBe(whole.position.offset);
  };
  for await (const { records } of source.read(null)) {
    for (const record of records) {
      for (let [at] = pending; at !== undefined && record.timestamp > at; [at] = pending) {
        await compare(at);
        pending.shift();
      }
      whole.apply(record);
    }
  }
  expect(restored).toBeGreaterThan(INSTANTS / 2);
});
