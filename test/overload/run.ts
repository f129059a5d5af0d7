import { SourceProcess } from '../support/source-process.ts';
import { StreamClient } from '../support/stream-client.ts';
import { sumOf } from '../support/verify.ts';
import { Crowd } from './crowd.ts';
import { Gauges } from './gauges.ts';
import { inLog } from './in-log.ts';
import type { LoadOptions, LoadResult } from './load-options.ts';
import type { Outcome } from './outcome.ts';
import type { Stage } from './stage.ts';

export interface OverloadOptions {
  /** How long more is offered than can be taken. */
  readonly seconds: number;
  /** How long it is measured how much can be taken. */
  readonly measureSeconds: number;
  /** Of what can be taken, so many times as much is offered. */
  readonly factor: number;
  /** But no fewer events a second than these: how much can be taken changes on a machine with other work. */
  readonly perSMin: number;
  /** Connections of the load: so many requests can be under way. */
  readonly connections: number;
  readonly streams: number;
  /** Streams whose clients never read. */
  readonly slow: number;
}

const EVENTS_PER_REQUEST = 250;
const USERS = 10_000;
const ROOM_MEMBERS = 20;
/** While measuring: few connections, each of which waits for its answer. */
const MEASURE = { connections: 8, eventsPerRequest: 100, rate: null, users: USERS, firstRequest: 0 } as const;
const FIRST_REQUEST = 1_000_000;
const RECOVERY_MS_MAX = 60_000;

/** Offers a system more than it can take, and tells what came of it. The stage's processes have ended then. */
export async function overload(stage: Stage, options: OverloadOptions): Promise<Outcome> {
  const { seconds, measureSeconds, factor, perSMin, connections, streams } = options;
  const { ingest, delivery } = stage;
  for (const server of Object.values(stage.processes)) await server.ready();
  for (let from = 0; from < streams; from += USERS) await ingest.accept(...memberships(from, Math.min(streams, USERS)));
  await ingest.accept({ type: 'room.joined', user_id: '@probe:here', room_id: '!probe:here' });
  const crowd = new Crowd({ url: delivery.url, streams, slow: options.slow });
  await crowd.allIn();

  const measured = await load({ url: ingest.url, seconds: measureSeconds, ...MEASURE });
  const takenPerS = (measured.acknowledged.length * MEASURE.eventsPerRequest) / measured.seconds;

  const offeredPerS = Math.max(takenPerS * factor, perSMin);
  const gauges = new Gauges(stage);
  const loading = load({
    url: ingest.url,
    seconds,
    rate: offeredPerS,
    connections,
    eventsPerRequest: EVENTS_PER_REQUEST,
    users: USERS,
    firstRequest: FIRST_REQUEST,
  });
  await new Promise((resolve) => setTimeout(resolve, seconds * 500));
  const stormMs = await crowd.storm();
  const offered = await loading;
  const endedAt = performance.now();
  await lagIsGone(stage);
  const freshMs = await freshEvent(stage);
  const recoveredMs = performance.now() - endedAt;
  const seen = await gauges.stop();
  for (const server of Object.values(stage.processes)) await server.ready();

  const verified = await stage.verify().catch((error: unknown) => String(error));
  const crowdReport = await crowd.end();
  const exitCodes = await stage.end();
  const log = await inLog(stage);
  const acknowledged = [...measured.acknowledged, ...offered.acknowledged];
  return {
    takenPerS,
    offeredPerS,
    offered,
    acknowledgedPerS: (offered.acknowledged.length * EVENTS_PER_REQUEST) / offered.seconds,
    missing: acknowledged.filter((request) => !log.requests.has(request)).length,
    // All of a request, or none.
    torn: log.events - eventsOf(log.requests),
    crowd: crowdReport,
    stormMs,
    recoveredMs,
    freshMs,
    seen,
    verified,
    exitCodes,
  };
}

/** Rooms of a few members each, so that what one does is told to the others. */
function memberships(from: number, count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    type: 'room.joined',
    user_id: `@u${from + index}:load`,
    room_id: `!r${Math.floor((from + index) / ROOM_MEMBERS)}:load`,
  }));
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const process = new SourceProcess('test/overload/load-process.ts', [JSON.stringify(options)]);
  const line = await process.line((text) => text.startsWith('{'));
  await process.exited;
  return JSON.parse(line) as LoadResult;
}

function eventsOf(requests: ReadonlySet<number>): number {
  let events = 0;
  for (const request of requests) events += request < FIRST_REQUEST ? MEASURE.eventsPerRequest : EVENTS_PER_REQUEST;
  return events;
}

async function lagIsGone({ projector, delivery }: Stage): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const behind = await sumOf(projector, 'presently_projector_lag_records');
    if (behind + (await sumOf(delivery, 'presently_delivery_lag_records')) === 0) return;
    if (performance.now() - startedAt > RECOVERY_MS_MAX) throw new Error(`The lag is still ${behind} records.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How long an event takes from upstream to a subscriber, milliseconds. */
async function freshEvent({ ingest, delivery }: Stage): Promise<number> {
  const client = new StreamClient(delivery.url, '@probe:here/D');
  await client.event(({ type }) => type === 'snapshot');
  const startedAt = performance.now();
  await ingest.accept({ type: 'device.connected', user_id: '@probe:here', device_id: 'E' });
  await client.presence('@probe:here', 'online');
  const ms = performance.now() - startedAt;
  await client.close();
  return ms;
}
