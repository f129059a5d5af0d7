import { jest } from '@jest/globals';
import { ATTACKS } from '../support/hostile/attacks.ts';
import { HostileServer } from '../support/hostile/hostile-server.ts';
import { OrdinaryClient } from '../support/hostile/ordinary-client.ts';
import { killProcesses } from '../support/source-process.ts';

jest.setTimeout(120_000);

/** `HOSTILE_TIMES=200` does so with large ones as well, which takes minutes. */
const TIMES = 100;
const TIMES_IF_LARGE = 8;
/** Each of these is megabytes, or a thousand requests. */
const LARGE = /10 MB|1 MB|\d00,000|millions|1,000 requests/;
const AT_ONCE = 8;
/** What stays of so many: code that was compiled, the attacker’s few states, and a large body or two of the moment. */
const KEPT_BYTES_MAX = 24_000_000;
/** With what is being read and parsed, and the garbage of it. */
const RSS_BYTES_MAX = 1_500_000_000;

let hostile: HostileServer;
let ordinary: OrdinaryClient;
beforeAll(async () => {
  hostile = await HostileServer.start('dev');
  ordinary = new OrdinaryClient(hostile);
});
afterAll(async () => {
  await hostile?.stop();
  await killProcesses();
});

/** Does it so often, some at once; whether it is answered is for other tests. */
async function repeat(attack: (n: number) => Promise<unknown>, times: number): Promise<void> {
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < times) await attack(begun++).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

test.each(ATTACKS)('nothing stays of %s', async (name, attack) => {
  const times = Number(process.env.HOSTILE_TIMES ?? (LARGE.test(name) ? TIMES_IF_LARGE : TIMES));
  await repeat((n) => attack(hostile, n), times / 5);
  const before = await hostile.inspector.memory();
  await repeat((n) => attack(hostile, n), times);
  const after = await hostile.inspector.memory();
  const kept = after.heapUsed + after.external - before.heapUsed - before.external;
  expect(kept).toBeLessThan(KEPT_BYTES_MAX);
  expect(after.rss).toBeLessThan(RSS_BYTES_MAX);
});

test('others were answered in the meantime, and nothing has failed', async () => {
  const { refused, slowestMs } = await ordinary.stop();
  expect(refused).toEqual([]);
  expect(slowestMs).toBeLessThan(10_000);
  expect(await hostile.faults()).toEqual([]);
});
