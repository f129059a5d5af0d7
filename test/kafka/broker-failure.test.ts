import { jest } from '@jest/globals';
import { describeKafkaCluster } from '../support/kafka/describe-kafka.ts';
import type { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(400_000);
temporaryDirectory(); // ends the processes

describeKafkaCluster('when the only broker', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafkaCluster();
  });
  afterAll(() => cluster?.dispose());

  const readyz = async ({ url }: ServerProcess): Promise<number> => (await fetch(`${url}/readyz`)).status;
  const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
    while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  test('is missing at the start, an app lives, says so, is not ready, and serves once it is there', async () => {
    const apps = new KafkaApps(cluster.connection);
    await apps.run('topics', 'create');
    const [broker] = cluster.brokers;
    await broker?.stop();
    const { port } = new URL(await fetchFreeUrl());
    const ingest = apps.spawn('ingest', port);
    const url = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${url}/healthz`).catch(() => null))?.status === 200);
    const waitsFor = async (): Promise<string> => (await fetch(`${url}/readyz`)).text();
    expect(await waitsFor()).toContain('has not answered yet');
    await until(async () => (await waitsFor()).includes('ECONNREFUSED'));
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      status: 'not ready',
      waiting_for: [expect.stringMatching(/^Kafka at 127\.0\.0\.1:\d+ cannot be used: .*ECONNREFUSED/)],
    });
    const metrics = await fetch(`${url}/metrics`);
    expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringMatching(/^presently_ready 0$/m)]);
    const refused = await fetch(`${url}/v1/events`, { method: 'POST' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[2-8]$/)]);
    broker?.start();
    await cluster.ready();
    await ingest.line((line) => line.includes(' listens on '));
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await ingest.kill('SIGTERM')).toBe(0);
  });

  test('dies and returns, nothing acknowledged is lost, and all go on without a restart', async () => {
    const apps = new KafkaApps(cluster.connection);
    await apps.run('topics', 'create');
    const servers = await Promise.all([apps.start('ingest'), apps.start('projector'), apps.start('delivery')]);
    const [ingest, , delivery] = servers;
    for (const server of servers) await server.ready();
    await ingest.accept({ type: 'status.set', user_id: '@a:x', presence: 'online', status_msg: 'before' });

    const [broker] = cluster.brokers;
    await broker?.kill();
    const refused = await ingest.post([{ type: 'status.set', user_id: '@a:x', status_msg: 'meanwhile' }]);
    expect(refused).toMatchObject({
      status: 503,
      body: { errcode: 'M_UNAVAILABLE' },
      retryAfter: expect.stringMatching(/^[1-4]$/),
    });
    expect(refused.body.error).toMatch(
      /^Kafka (cannot be written: .*|has not answered for 15 s\.) The events were not accepted; send them again\.$/,
    );
    for (const server of servers) await until(async () => (await readyz(server)) === 503);

    broker?.start();
    await cluster.ready();
    for (const server of servers) await server.ready();
    await ingest.accept({ type: 'status.set', user_id: '@a:x', status_msg: 'after' });
    const stream = new StreamClient(delivery.url, '@a:x/D');
    await stream.event(({ data }) =>
      [data.content, ...(data.events ?? []).map(({ content }) => content)].some(
        (content) => content?.status_msg === 'after',
      ),
    );
    await stream.close();
    for (const { process } of servers) expect(await process.kill('SIGTERM')).toBe(0);
    const replay = await apps.run('replay', '--log');
    expect(replay).toContain('"status_msg":"before"');
    expect(replay).toContain('"status_msg":"after"');
  });
});

/** An address with a port that was free a moment ago. */
async function fetchFreeUrl(): Promise<string> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}
