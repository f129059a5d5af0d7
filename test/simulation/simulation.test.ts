import { jest } from '@jest/globals';
import { killProcesses, SourceProcess } from '../support/source-process.ts';
import type { Tally } from './tally.ts';

const SEEDS = 150;

jest.setTimeout(600_000);
afterAll(killProcesses);

// In a process of its own: within Jest, a world takes twice as long.
test(`crashes, zombies, restarts, slow clients, cut clients and those that poll change nothing in ${SEEDS} worlds`, async () => {
  const simulation = new SourceProcess('test/simulation/main.ts', ['--seed', '1', '--count', String(SEEDS), '--tally']);
  const status = await simulation.exited;
  const [json = '', summary] = simulation.lines.slice(-2);
  const faults = simulation.lines.slice(0, -2);
  expect({ status, faults, summary, errors: simulation.errors }).toEqual({
    status: 0,
    faults: [],
    summary: `${SEEDS} held, 0 failed`,
    errors: '',
  });
  expectNotTame(JSON.parse(json) as Tally);
});

function expectNotTame({ counts, received, withinSnapshots }: Tally): void {
  const leastASeed = {
    crashes: 1,
    zombies: 1 / 2,
    logFaults: 5,
    clocksSet: 3,
    repeats: 5,
    cuts: 1,
    polls: 10,
    resumes: 1,
    resets: 1 / 10,
    images: 4,
    imagesUsed: 5,
  };
  for (const [name, least] of Object.entries(leastASeed)) {
    expect({ name, isMore: (counts[name] ?? 0) > SEEDS * least }).toEqual({ name, isMore: true });
  }
  expect(withinSnapshots).toBeGreaterThan(SEEDS / 3);
  expect(Object.keys(received).toSorted()).toEqual([
    'forget',
    'm.presence',
    'm.presence_accept',
    'm.presence_deny',
    'm.presence_invite',
    'room.presence',
    'snapshot',
  ]);
  for (const count of Object.values(received)) expect(count).toBeGreaterThan(SEEDS / 3);
}
