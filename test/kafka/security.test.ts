import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { createKafkaLog } from '#message-log/kafka/create-log';
import type { KafkaLogOptions } from '#message-log/kafka/kafka-log';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import { systemClock } from '#runtime/clock/system-clock';
import { readValues } from '../contract/reading.ts';
import type { Security } from '../support/kafka/broker-properties.ts';
import { SASL_USER } from '../support/kafka/broker-properties.ts';
import { makeCertificate } from '../support/kafka/certificate.ts';
import { describeKafkaCluster } from '../support/kafka/describe-kafka.ts';
import type { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import { StreamClient } from '../support/stream-client.ts';
import { killProcesses } from '../support/source-process.ts';

const START_MS_MAX = 400_000;
jest.setTimeout(START_MS_MAX);

const messageOf = (error: unknown): string => (error as Error).message;

describeKafkaCluster('a Kafka that asks who is there', () => {
  const clusters: KafkaCluster[] = [];
  const start = async (security: Security): Promise<KafkaCluster> => {
    const started = await startKafkaCluster({ security });
    clusters.push(started);
    return started;
  };
  const options = ({ connection }: KafkaCluster): KafkaLogOptions => ({
    brokers: connection.brokers,
    clientId: 'test',
    prefix: 'test-',
    clock: systemClock,
  });

  let withSasl: KafkaCluster;
  let withTls: KafkaCluster;
  /** With TLS and SASL. */
  let cluster: KafkaCluster;
  let directory: string;
  /** What they are told who get no connection. Begun at once, as all of them try again for half a minute. */
  let unconnected: Promise<string[]>;
  beforeAll(async () => {
    [withSasl, withTls, cluster] = await Promise.all([start('sasl_plaintext'), start('ssl'), start('sasl_ssl')]);
    directory = mkdtempSync(join(tmpdir(), 'presently-security-'));
    const { ca } = await makeCertificate(directory);
    const open = (one: KafkaCluster): Promise<string> => KafkaLog.open(options(one)).then(() => 'opened', messageOf);
    unconnected = Promise.all([
      open(withSasl),
      open(withTls),
      refusal({ ...settings('plain'), KAFKA_TLS: 'false', KAFKA_TLS_CA_FILE: '' }),
      refusal({ ...settings('plain'), KAFKA_TLS_CA_FILE: caFile('other.pem', ca) }),
      refusal({ ...settings('plain'), KAFKA_TLS_CA_FILE: '' }),
    ]);
  });
  afterEach(killProcesses);
  afterAll(async () => {
    await Promise.all(clusters.map((one) => one.dispose()));
    rmSync(directory, { recursive: true, force: true });
  });

  test.each([
    ['SASL', () => withSasl],
    ['TLS', () => withTls],
  ])('takes the log by %s', async (_, by) => {
    const topics = { partitionCount: 1, replicationFactor: -1, kind: 'live' as const, retentionMs: -1 };
    const log = await createKafkaLog({ ...options(by()), ...by().connection, ...topics });
    await log.append('events', [{ key: null, value: 'seen', partition: 0 }]);
    const owner = await log.own(0);
    await owner.commit([{ topic: 'state', key: 'a', value: '1' }]);
    expect(await readValues(log, 'events', 0)).toEqual(['seen']);
    await log.close();
  });

  const caFile = (name = 'ca.pem', certificate = cluster.connection.ssl?.ca ?? ''): string => {
    const file = join(directory, name);
    writeFileSync(file, certificate);
    return file;
  };
  const settings = (mechanism: string): Record<string, string> => ({
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA_FILE: caFile(),
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: SASL_USER.username,
    KAFKA_SASL_PASSWORD: SASL_USER.password,
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('the apps work by %s', async (mechanism) => {
    const apps = new KafkaApps(cluster.connection, settings(mechanism));
    await apps.run('topics', 'create', '--partitions', '1');
    const [ingest, projector, delivery] = await Promise.all([
      apps.start('ingest'),
      apps.start('projector'),
      apps.start('delivery'),
    ]);
    for (const server of [ingest, projector, delivery]) await server.ready();
    await ingest.accept({ type: 'status.set', user_id: '@a:x', presence: 'online', status_msg: 'by SASL' });
    const stream = new StreamClient(delivery.url, '@a:x/D');
    await stream.event(({ data }) => JSON.stringify(data).includes('by SASL'));
    await stream.close();
    for (const { process } of [ingest, projector, delivery]) expect(await process.kill('SIGTERM')).toBe(0);
  });

  /** What a command that cannot use this Kafka says. */
  const refusal = async (env: Record<string, string>): Promise<string> => {
    const apps = new KafkaApps(cluster.connection, env);
    return apps.run('topics', 'create').then(
      () => 'It could.',
      (error: unknown) => {
        const { code, stderr } = error as { code: number; stderr: string };
        return code === 1 ? stderr : `It ended with ${code}: ${stderr}`;
      },
    );
  };

  test.each([
    ['plain', 'SASL PLAIN authentication failed: Authentication failed: Invalid username or password'],
    ['scram-sha-256', 'SASL SCRAM SHA256 authentication failed: Authentication failed during authentication'],
    ['scram-sha-512', 'SASL SCRAM SHA512 authentication failed: Authentication failed during authentication'],
  ])('a wrong password is told as such (%s)', async (mechanism, sentence) => {
    const said = await refusal({ ...settings(mechanism), KAFKA_SASL_PASSWORD: 'not-the-password' });
    expect(said).toMatch(/^Kafka at 127\.0\.0\.1:\d+ cannot be used: /);
    expect(said).toContain(sentence);
    expect(said).not.toContain('not-the-password');
  });

  test('an app that is refused lives, says why, and is not ready', async () => {
    const wrong = { ...settings('plain'), KAFKA_SASL_PASSWORD: 'not-the-password' };
    const app = new KafkaApps(cluster.connection, wrong).spawn('projector');
    while (!app.errors.includes('kafka.unavailable')) await sleep(50);
    expect(app.errors).toMatch(
      /"error":"Kafka at \S+ cannot be used: SASL PLAIN authentication failed: .*"event":"kafka.unavailable"/,
    );
    expect(app.errors).not.toContain('not-the-password');
    expect(await app.kill('SIGTERM')).toBe(0);
  });

  test('without SASL, or TLS, brokers hang up, and those of another authority are not believed', async () => {
    const said = await unconnected;
    const cannotBeUsed = expect.stringMatching(/^Kafka at .* cannot be used: /);
    expect(said).toEqual(Array(5).fill(cannotBeUsed));
    const [withoutSasl, inTheOpen, withoutTls, otherAuthority, noAuthority] = said;
    for (const one of [withoutSasl, inTheOpen, withoutTls]) expect(one).toContain('Closed connection');
    expect(otherAuthority).toMatch(/cannot be used: Connection error: .*certificate/);
    expect(noAuthority).toContain('Connection error: self-signed certificate in certificate chain');
  });
});
