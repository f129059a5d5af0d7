// A gateway that tells by HTTP who is connected to it, until Ctrl-C: node gateway.mjs @alice:example @bob:example
// PRESENTLY_URL, PRESENTLY_UPSTREAM_TOKEN and SOURCE_TTL_MS say where to, as whom, and how long a lease lasts. Node 20 or newer.
import { setTimeout as sleep } from 'node:timers/promises';

const { PRESENTLY_URL = 'http://127.0.0.1:8080', PRESENTLY_UPSTREAM_TOKEN = 'dev-upstream' } = process.env;
const ttl_ms = Number(process.env.SOURCE_TTL_MS ?? 30_000);
const users = process.argv.length > 2 ? process.argv.slice(2) : ['@alice:example'];
const source_id = `gateway-${crypto.randomUUID()}`; // names this start of this process; never used again
const device_id = 'PHONE';
const EVENTS_PER_REQUEST = 500; // 10,000 and 8 MiB at most
const TIMEOUT_MS = 30_000;

/** Sends events in order, and resolves when they are durable. One call at a time, so that a user's events stay in order. */
async function send(events) {
  for (let at = 0; at < events.length; at += EVENTS_PER_REQUEST) {
    const count = await sendBatch(events.slice(at, at + EVENTS_PER_REQUEST));
    console.log(`sent ${count}, from ${events[at].type} on`);
  }
}

/** Sends a request until it is taken, without the events that are refused. Returns how many were taken. */
async function sendBatch(events) {
  while (events.length > 0) {
    const { status, retryAfter, body } = await post(events);
    if (status === 200) return events.length;
    if (status === 400 && body.faults !== undefined) {
      // Nothing of it was written: send the rest. Not every bad event need be listed at once.
      for (const { index, error } of body.faults) console.error(`refused: ${JSON.stringify(events[index])}: ${error}`);
      const bad = new Set(body.faults.map(({ index }) => index));
      events = events.filter((_, index) => !bad.has(index));
    } else if (status === 429 || status >= 500) {
      // Never sooner than asked, and not all gateways at once.
      const seconds = retryAfter + Math.random();
      console.error(`${status}: again in ${seconds.toFixed(1)} s`);
      await sleep(seconds * 1_000);
    } else {
      throw new Error(`${PRESENTLY_URL} refuses everything (${status}): ${body.error}`); // as a bad token
    }
  }
  return 0;
}

async function post(events) {
  try {
    const response = await fetch(`${PRESENTLY_URL}/v1/events`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${PRESENTLY_UPSTREAM_TOKEN}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ events }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const retryAfter = Number(response.headers.get('Retry-After')) || 1;
    const text = await response.text();
    // What a proxy says need not be JSON.
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
    return { status: response.status, retryAfter, body: isJson ? JSON.parse(text) : { error: text } };
  } catch (error) {
    // No answer: it may have been taken, but told twice at once is harmless.
    console.error(`${PRESENTLY_URL}: ${error.cause?.message ?? error.message}`);
    return { status: 503, retryAfter: 1 };
  }
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort()); // again: ends at once
const alive = () => ({ type: 'source.alive', source_id, ttl_ms });
const event = (type, user_id, fields) => ({ type, user_id, device_id, ts: Date.now(), ...fields });

await send([alive(), ...users.map((user) => event('device.connected', user, { source_id }))]);
await send(users.map((user) => event('device.active', user)));
while (!stopping.signal.aborted) {
  await sleep(ttl_ms / 3, null, { signal: stopping.signal }).catch(() => {}); // or until it is aborted
  if (!stopping.signal.aborted) await send([alive()]); // one small event keeps all connections
}
await send([...users.map((user) => event('device.disconnected', user)), { type: 'source.gone', source_id }]);
