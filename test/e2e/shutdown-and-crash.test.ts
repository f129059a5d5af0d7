import { execFileSync } from 'node:child_process';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { readAll } from '../contract/reading.ts';
import { MovableClock } from '../support/movable-clock.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const directory = temporaryDirectory();
const active = (number: number): object => ({ type: 'device.active', user_id: `@u${number % 50}:x`, ts: number });

type PostedAnswer = Awaited<ReturnType<ServerProcess['post']>>;

/** Posts events with growing numbers from several senders at once, until the server is gone; notes those acknowledged. */
class Flood {
  readonly acknowledged: number[] = [];
  readonly refused: PostedAnswer[] = [];
  private next = 1;
  private readonly senders: Promise<void>[];

  constructor(private readonly server: ServerProcess) {
    this.senders = Array.from({ length: 8 }, () => this.send());
  }

  async ended(): Promise<void> {
    await Promise.all(this.senders);
  }

  private async send(): Promise<void> {
    for (;;) {
      const numbers = [this.next++, this.next++, this.next++];
      const answer = await this.server.post(numbers.map(active)).catch(() => null);
      if (answer === null) return;
      if (answer.status === 200) this.acknowledged.push(...numbers);
      else this.refused.push(answer);
    }
  }
}

/** The numbers in the log of a server that has ended. */
async function numbersInLog(): Promise<Set<number>> {
  const log = LmdbLog.open({ directory: directory.path(), clock: new MovableClock() });
  const numbers = new Set<number>();
  for (let partition = 0; partition < log.partitionCount; partition++) {
    for (const { value } of await readAll(log, 'events', partition)) {
      const { ts } = JSON.parse(value?.toString() ?? '{}') as { ts?: number };
      if (ts !== undefined) numbers.add(ts);
    }
  }
  await log.close();
  return numbers;
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('SIGTERM under load: what was accepted is in the log, streams end, exit 0 within 10 s', async () => {
  const server = await startStandalone(directory.path());
  await server.ready();
  const stream = new StreamClient(server.url, '@u1:x');
  await stream.event(({ type }) => type === 'snapshot');
  const flood = new Flood(server);
  await until(() => flood.acknowledged.length > 500);
  const startedAt = performance.now();
  expect(await server.process.kill('SIGTERM')).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  await Promise.all([flood.ended(), stream.ended]);
  const inLog = await numbersInLog();
  expect(flood.acknowledged.filter((number) => !inLog.has(number))).toEqual([]);
  for (const { status, body, retryAfter } of flood.refused) {
    expect([status, body.errcode, retryAfter]).toEqual([503, 'M_UNAVAILABLE', expect.stringMatching(/^[1-4]$/)]);
  }
});

test('after kill -9 nothing that was acknowledged is missing, three times over', async () => {
  const acknowledged: number[] = [];
  for (let round = 0; round < 3; round++) {
    const server = await startStandalone(directory.path());
    const flood = new Flood(server);
    await until(() => flood.acknowledged.length > 300);
    await server.process.kill('SIGKILL');
    await flood.ended();
    acknowledged.push(...flood.acknowledged);
    const inLog = await numbersInLog();
    expect(acknowledged.filter((number) => !inLog.has(number))).toEqual([]);
  }
});

const onLinux = process.platform === 'linux' ? test : test.skip; // elsewhere nothing lifts another process's limit

onLinux('a full disk: 503 with Retry-After, nothing acknowledged is lost, and with room again it goes on', async () => {
  const server = await startStandalone(directory.path(), { fileKibMax: 2_048 });
  await server.ready();
  const event = { type: 'status.set', user_id: '@a:x', presence: 'online' };
  let sent = 0;
  let answer = await server.post([]);
  for (; answer.status === 200; sent++) {
    answer = await server.post(
      Array.from({ length: 20 }, () => ({ ...event, ts: sent, status_msg: 'x'.repeat(1_000) })),
    );
  }
  expect(answer.status).toBe(503);
  expect(answer.body.errcode).toBe('M_UNAVAILABLE');
  expect(answer.body.error).toMatch(/^The log in .* cannot be written: .*\. Is its disk full\?.*send them again\.$/);
  expect(answer.retryAfter).toMatch(/^[1-4]$/);
  execFileSync('prlimit', ['--pid', String(server.process.child.pid), '--fsize=unlimited:unlimited']);
  await server.accept({ ...event, ts: 1_000_000, status_msg: 'room again' });
  const stream = new StreamClient(server.url, '@a:x');
  await stream.event(({ data }) =>
    [data.content, ...(data.events ?? []).map(({ content }) => content)].some(
      (content) => content?.status_msg === 'room again',
    ),
  );
  await stream.close();
  expect(await server.process.kill('SIGTERM')).toBe(0);
  const inLog = await numbersInLog();
  const acknowledged = [...Array.from({ length: sent - 1 }, (_, index) => index), 1_000_000];
  expect(acknowledged.filter((number) => !inLog.has(number))).toEqual([]);
});
