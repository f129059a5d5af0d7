import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Crowd } from '#standalone/demo/crowd';
import { currentRun } from './kafka/run-directory.ts';

const START_AT = 1_700_000_000_000;
const STEP_MS = 30_000;
const USERS = 400;
const EVENTS_MIN = 40_000;

/** The event file named by TRACE_FILE, or one of a synthetic crowd, which the suites of a run share. */
export function traceFile(): string {
  const given = process.env.TRACE_FILE;
  if (given !== undefined && given !== '') return given;
  const path = join(currentRun().directory, 'trace.ndjson.gz');
  if (existsSync(path)) return path;
  // Whoever makes it at the same time makes the same.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, gzipSync(syntheticLines()));
  renameSync(draft, path);
  return path;
}

function syntheticLines(): string {
  const crowd = new Crowd({ seed: 11, startAt: START_AT, users: USERS, sourceId: 'none' });
  const events: object[] = [...crowd.opening()];
  for (let now = START_AT; events.length < EVENTS_MIN; now += STEP_MS) events.push(...crowd.eventsUntil(now));
  // A file has no gateway that could keep renewing a lease.
  return events.map((event) => `${JSON.stringify({ ...event, source_id: undefined })}\n`).join('');
}
