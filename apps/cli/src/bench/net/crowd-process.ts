import { sleep } from '#runtime/clock/clock';
import { systemClock } from '#runtime/clock/system-clock';
import type { CrowdCall, Load, LoadReport, Opening, Posting, PostReport, StormReport } from './crowd-calls.ts';
import { Histogram } from './histogram.ts';
import { Subscriber } from './subscriber.ts';
import { postAgain, Traffic } from './traffic.ts';

/** The load side, in a process of its own: subscribers, and the service that says what their users do. */

/** How many connections are being opened at once; more would only wait in the server's backlog. */
const OPENING_MAX = 200;
/** After the last change nothing has come for so long: it is over. */
const QUIET_MS = 300;
const STORM_MS_MAX = 60_000;
const FAILURES_TOLD_MAX = 5;

const times = new Histogram();
const failures: string[] = [];
let subscribers: Subscriber[] = [];
let lastToldMs = 0;

/** Does something, and tells what it took. */
async function measured<Result>(work: () => Promise<Result>) {
  failures.length = 0;
  times.clear();
  const startedAt = systemClock.elapsed();
  const cpu = process.cpuUsage();
  const result = await work();
  const ms = systemClock.elapsed() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { result, effort: { ms, cpuMs: (user + system) / 1_000, failures: failures.slice(0, FAILURES_TOLD_MAX) } };
}

/** Resolves when all have their snapshots. */
function open({ url, transport, users, keepTokens = false }: Opening): Promise<readonly string[]> {
  return new Promise((resolve) => {
    let begun = 0;
    let ready = 0;
    const next = (): void => {
      const user = users[begun++];
      if (user === undefined) return;
      subscribers.push(new Subscriber(new URL(url), transport, user, ears, keepTokens ? '' : null));
    };
    const over = (): void => (++ready === users.length ? resolve(failures.slice(0, FAILURES_TOLD_MAX)) : next());
    const ears = {
      snapshot: over,
      change: (dueMs: number) => {
        lastToldMs = systemClock.elapsed();
        times.add(lastToldMs - dueMs);
      },
      failed: (why: string) => {
        failures.push(why);
        over();
      },
    };
    for (let n = 0; n < Math.min(OPENING_MAX, users.length); n++) next();
  });
}

async function change(load: Load): Promise<LoadReport> {
  const { result: changes, effort } = await measured(() => new Traffic(load, failures, () => times.count).send());
  await quiet();
  return { changes, told: times.quantiles(), ...effort, failures: failures.slice(0, FAILURES_TOLD_MAX) };
}

async function quiet(): Promise<void> {
  do await sleep(systemClock, QUIET_MS);
  while (systemClock.elapsed() - lastToldMs < QUIET_MS);
}

/** All connections break, something happens in each room, and all come back at once. */
async function storm({ url, transport, users }: Opening, load: Load): Promise<StormReport> {
  const tokens = subscribers.map(({ token }) => token);
  for (const subscriber of subscribers) subscriber.close();
  await new Traffic(load, failures).send();
  const { effort } = await measured(async () => {
    const startedAt = systemClock.elapsed();
    const caughtUp = new Set<number>();
    await new Promise<void>((resolve) => {
      const cancel = systemClock.after(STORM_MS_MAX, () => {
        failures.push(`${users.length - caughtUp.size} have not caught up after ${STORM_MS_MAX / 1_000} s`);
        resolve();
      });
      const over = (client: number): void => {
        if (caughtUp.has(client)) return;
        caughtUp.add(client);
        times.add(systemClock.elapsed() - startedAt);
        if (caughtUp.size < users.length) return;
        cancel();
        resolve();
      };
      subscribers = users.map((user, client) => {
        const ears = {
          snapshot: () => undefined,
          change: () => over(client),
          failed: (why: string) => failures.push(why),
        };
        return new Subscriber(new URL(url), transport, user, ears, tokens[client]);
      });
    });
  });
  return { caughtUp: times.quantiles(), ...effort };
}

async function post(posting: Posting): Promise<PostReport> {
  const { result: events, effort } = await measured(() => postAgain(posting, times, failures));
  return { events, answered: times.quantiles(), ...effort };
}

function answer(call: CrowdCall): Promise<unknown> {
  switch (call.do) {
    case 'open':
      return open(call.opening);
    case 'change':
      return change(call.load);
    case 'storm':
      return storm(call.opening, call.load);
    case 'post':
      return post(call.posting);
  }
}

process.on('disconnect', () => process.exit());
process.on('message', (call: CrowdCall) => {
  void answer(call).then((result) => process.send?.(result));
});
