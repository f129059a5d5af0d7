import type { PresenceEvent } from '#domain/events';
import { silentLog } from '#runtime/log';
import { Crowd } from '#standalone/demo/crowd';
import { Stage, USERS } from './stage.ts';

const MINUTE = 60_000;

const sourcesOf = (events: readonly PresenceEvent[]): string[] => [
  ...new Set(
    events.flatMap((event) => ('source_id' in event && typeof event.source_id === 'string' ? [event.source_id] : [])),
  ),
];

describe('the demo', () => {
  test('writes what its crowd tells, as it happens, and nothing else', async () => {
    const stage = new Stage();
    await stage.pass(5 * MINUTE);
    const written = (await stage.written()).filter(({ event }) => event.type !== 'source.alive');
    const [sourceId = ''] = sourcesOf(await stage.events());
    const crowd = new Crowd({ seed: 1, startAt: stage.startAt, users: USERS, sourceId });
    const told = crowd.opening();
    for (let minute = 1; minute <= 5; minute++) told.push(...crowd.eventsUntil(stage.startAt + minute * MINUTE));
    expect(written.map(({ event }) => event)).toEqual(told);
    expect(written.every(({ t, event }) => event.ts != null && (t === stage.startAt || t - event.ts <= 100))).toBe(
      true,
    );
    await stage.demo.stop();
  });

  test('keeps its source alive, and says at the end that it is gone', async () => {
    const stage = new Stage();
    await stage.pass(2 * MINUTE);
    await stage.demo.stop();
    const written = await stage.written();
    const alive = written.filter(({ event }) => event.type === 'source.alive');
    expect(written[0]).toBe(alive[0]);
    expect(alive).toHaveLength(25);
    const gaps = alive.slice(1).map(({ t }, i) => t - (alive[i]?.t ?? NaN));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5_100);
    expect(sourcesOf(written.map(({ event }) => event))).toHaveLength(1);
    expect(written.at(-1)?.event.type).toBe('source.gone');
    await stage.pass(MINUTE);
    expect(await stage.written()).toHaveLength(written.length);
  });

  test('has another source at each start', async () => {
    const [one, other] = [new Stage(), new Stage()];
    await Promise.all([one.pass(1_000), other.pass(1_000)]);
    expect(sourcesOf(await one.events())).not.toEqual(sourcesOf(await other.events()));
    await Promise.all([one.demo.stop(), other.demo.stop()]);
  });

  test('comes as a new crowd when the machine slept through its lease', async () => {
    const stage = new Stage();
    await stage.pass(MINUTE);
    const before = await stage.events();
    stage.clock.move(8 * 60 * MINUTE);
    await stage.pass(MINUTE);
    const after = (await stage.events()).slice(before.length);
    expect(after.filter((event) => event.type === 'room.joined').length).toBeGreaterThan(USERS);
    expect(after.length).toBeLessThan(2 * before.length);
    expect(sourcesOf(after)).toHaveLength(1);
    expect(sourcesOf(after)).not.toEqual(sourcesOf(before));
    await stage.demo.stop();
  });

  test('goes on with the same source after a hiccup of the log, and loses nothing', async () => {
    const [stage, calm] = [new Stage(), new Stage()];
    await stage.pass(MINUTE);
    stage.log.isFailing = true;
    await stage.pass(8_000);
    stage.log.isFailing = false;
    await stage.pass(2 * MINUTE);
    await calm.pass(MINUTE + 8_000 + 2 * MINUTE);
    const told = (events: PresenceEvent[]): unknown[] =>
      events.filter(({ type }) => type !== 'source.alive').map((event) => ({ ...event, source_id: null }));
    expect(sourcesOf(await stage.events())).toHaveLength(1);
    expect(told(await stage.events())).toEqual(told(await calm.events()));
    await Promise.all([stage.demo.stop(), calm.demo.stop()]);
  });

  test('keeps its source alive while it writes a large opening', async () => {
    const stage = new Stage({}, silentLog, 10_000);
    const { log, clock } = stage;
    const append = log.append.bind(log);
    log.append = (topic, records) => {
      clock.move(1_000); // a slow disk
      return append(topic, records);
    };
    await stage.pass(100);
    const written = await stage.written();
    const alive = written.filter(({ event }) => event.type === 'source.alive');
    expect(alive.length).toBeGreaterThan(3);
    expect(sourcesOf(written.map(({ event }) => event))).toHaveLength(1);
    const gaps = alive.slice(1).map(({ t }, i) => t - (alive[i]?.t ?? NaN));
    expect(Math.max(...gaps)).toBeLessThan(15_000);
    await stage.demo.stop();
  });

  test('gives up where no events are taken, and says so', async () => {
    const said: string[] = [];
    const note = (event: string): void => void said.push(event);
    const stage = new Stage({ kind: 'archive' }, { info: note, warn: note, error: note });
    await stage.pass(10 * MINUTE);
    expect(said).toEqual(['demo.write.failed', 'demo.ended']);
    await stage.demo.stop();
    expect(await stage.events()).toEqual([]);
  });
});
