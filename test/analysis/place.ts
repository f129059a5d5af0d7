import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { PresenceEvent } from '#domain/events';
import { Crowd } from '#standalone/demo/crowd';
import { runCommand } from './run-command.ts';

const START_AT = 1_700_000_000_000;
const STEP_MS = 30_000;
const USERS = 60;
const EVENTS_MIN = 3_000;
const LEASE_MS = 50_000;
const SOURCE = 'gateway-1';

/**
 * An event file that has all kinds of lines: a crowd behind a gateway, a device whose gateway is heard of once only, and a line
 * that cannot be folded. The crowd's gateway never lapses: to connect anew is to renew its lease, in that partition alone, and
 * a file is one partition.
 */
export function eventFile(directory: string): { path: string; to: number } {
  const crowd = new Crowd({ seed: 4, startAt: START_AT, users: USERS, sourceId: SOURCE });
  const events: PresenceEvent[] = [
    { type: 'source.alive', source_id: 'gateway-2', ttl_ms: LEASE_MS, ts: START_AT },
    { type: 'device.connected', user_id: '@lapsed:demo', source_id: 'gateway-2', ts: START_AT },
  ];
  let now = START_AT;
  for (let batch = crowd.opening(); events.length < EVENTS_MIN; batch = crowd.eventsUntil((now += STEP_MS))) {
    events.push({ type: 'source.alive', source_id: SOURCE, ttl_ms: LEASE_MS, ts: now }, ...batch);
  }
  const lines = events.map((event) => JSON.stringify(event));
  lines.splice(EVENTS_MIN / 2, 0, '{"type":"device.connected"}');
  const path = join(directory, 'events.ndjson');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return { path, to: now };
}

/** Where the events are that commands are to read. */
export interface Place {
  /** What names it on a command line. */
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

/** A log that the file was imported into: embedded in the directory, or on Kafka, when `env` says so. */
export async function importInto(directory: string, path: string, env: Record<string, string> = {}): Promise<Place> {
  const isOnKafka = 'KAFKA_BROKERS' in env;
  const data = isOnKafka ? [] : ['--data', mkdtempSync(join(directory, 'log-'))];
  const place = { args: ['--log', ...data], env };
  await ask({ args: [path, ...data], env }, directory, 'import');
  return place;
}

/** Runs a command on what is at the place, and returns what it prints. */
export async function ask({ args, env }: Place, directory: string, ...command: readonly string[]): Promise<string> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  // That the file has a line that cannot be folded.
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    return await runCommand([...command, ...args], directory);
  } finally {
    stderr.mockRestore();
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}
