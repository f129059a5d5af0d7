import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DEATH_WAIT_MS_MAX = 5_000;
const POLL_MS = 20;

/** Ends all brokers of the run, the shared one and those that failed tests left behind, and says what was to be said. */
export default async function tearDown() {
  const directory = process.env.KAFKA_TEST_RUN;
  await killAll(join(directory, 'pids'));
  const notes = join(directory, 'notes');
  const lines = existsSync(notes) ? readFileSync(notes, 'utf8').trimEnd().split('\n') : [];
  for (const line of new Set(lines)) process.stderr.write(`\n*** ${line} ***\n\n`);
  rmSync(directory, { recursive: true, force: true });
}

async function killAll(pids) {
  if (!existsSync(pids)) return;
  const alive = readdirSync(pids)
    .map(Number)
    .filter((pid) => signal(pid, 'SIGKILL'));
  // A wait with an end: where nobody collects dead orphans (a container without an init), they look alive forever.
  for (let waitedMs = 0; waitedMs < DEATH_WAIT_MS_MAX && alive.some((pid) => signal(pid, 0)); waitedMs += POLL_MS) {
    await sleep(POLL_MS);
  }
}

/** False: there is no such process (any more). */
function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
