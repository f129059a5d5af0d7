import { Agent, request } from 'node:http';
import { SeededRandom } from '#runtime/clock/seeded-random';
import type { LoadOptions, LoadResult } from './load-options.ts';

/** The side that makes the load, in a process of its own: posts events to `/v1/events`, and prints what came of it. */
const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const { url, rate, connections, eventsPerRequest, users, firstRequest } = options;

const TURN_MS = 10;
const ANSWER_MS_MAX = 60_000;
const BODIES = 200;

const random = new SeededRandom(1);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const headers = { authorization: 'Bearer dev-upstream', 'content-type': 'application/json' };

/** Idle and back, so that most events change what others see. */
function event(): object {
  const presence = random.chance(0.5) ? 'online' : 'unavailable';
  return { type: 'device.presence', user_id: `@u${random.below(users)}:load`, device_id: 'D', presence };
}

/** All but the first event, made beforehand: the load should cost the server more than us. */
const rests = Array.from({ length: BODIES }, () => {
  const events = Array.from({ length: eventsPerRequest - 1 }, () => `,${JSON.stringify(event())}`);
  return Buffer.from(`${events.join('')}]}`);
});

const answers: Record<string, number> = {};
const acknowledged: number[] = [];
const latenciesMs: number[] = [];
let withoutRetryAfter = 0;
let inFlight = 0;
let sent = 0;
let due = 0;
let lastAcknowledgedAt = 0;

function post(done: () => void): void {
  const number = firstRequest + sent++;
  const startedAt = performance.now();
  inFlight++;
  let isDone = false;
  const finish = (status: string): void => {
    if (isDone) return;
    isDone = true;
    answers[status] = (answers[status] ?? 0) + 1;
    inFlight--;
    latenciesMs.push(performance.now() - startedAt);
    if (status === '200') {
      acknowledged.push(number);
      lastAcknowledgedAt = performance.now();
    }
    done();
  };
  const first = Buffer.from(`{"events":[${JSON.stringify({ ...event(), request: number })}`);
  const rest = rests[number % BODIES] as Buffer;
  const length = first.length + rest.length;
  const outgoing = request(`${url}/v1/events`, {
    method: 'POST',
    agent,
    headers: { ...headers, 'content-length': length },
  });
  outgoing.setTimeout(ANSWER_MS_MAX, () => outgoing.destroy());
  outgoing.on('error', () => finish('none'));
  outgoing.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('error', () => finish('none'));
    response.on('end', () => {
      const { statusCode = 0 } = response;
      const isTold = response.headers['retry-after'] !== undefined && text.includes('"retry_after_ms"');
      if ([429, 503].includes(statusCode) && !isTold) withoutRetryAfter++;
      finish(String(statusCode));
    });
  });
  outgoing.write(first);
  outgoing.end(rest);
}

const startedAt = performance.now();
const isOver = (): boolean => performance.now() - startedAt > options.seconds * 1_000;

/** One after another on each connection. */
function closedLoop(): Promise<unknown> {
  const one = async (): Promise<void> => {
    while (!isOver()) await new Promise<void>((resolve) => post(resolve));
  };
  return Promise.all(Array.from({ length: connections }, one));
}

/** As many as are due, answered or not; what finds no free connection is not sent. */
function openLoop(eventsPerSecond: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const until = Math.min(performance.now() - startedAt, options.seconds * 1_000);
      const dueNow = Math.floor((until / 1_000) * (eventsPerSecond / eventsPerRequest));
      for (; due < dueNow; due++) if (inFlight < connections) post(() => undefined);
      if (!isOver() || inFlight > 0) return;
      clearInterval(timer);
      resolve();
    }, TURN_MS);
  });
}

await (rate === null ? closedLoop() : openLoop(rate));
agent.destroy();
latenciesMs.sort((a, b) => a - b);
const result: LoadResult = {
  due: Math.max(due, sent),
  sent,
  answers,
  withoutRetryAfter,
  acknowledged,
  unknown: answers.none ?? 0,
  p50Ms: latenciesMs[Math.floor(latenciesMs.length / 2)] ?? 0,
  maxMs: latenciesMs.at(-1) ?? 0,
  seconds: (lastAcknowledgedAt - startedAt) / 1_000,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
