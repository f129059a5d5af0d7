import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { createKafkaLog } from '#message-log/kafka/create-log';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import { systemClock } from '#runtime/clock/system-clock';
import { readValues } from '../contract/reading.ts';
import { SASL_USER } from '../support/kafka/broker-properties.ts';
import { makeCertificate } from '../support/kafka/certificate.ts';
import { describeKafkaCluster } from '../support/kafka/describe-kafka.ts';
import type { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const START_MS_MAX = 400_000;
jest.setTimeout(START_MS_MAX);
const directory = temporaryDirectory();

describeKafkaCluster('a Kafka that asks who is there', () => {
  let cluster: KafkaCluster | undefined;
  afterEach(() => cluster?.dispose());

  test.each(['sasl_plaintext', 'ssl'] as const)('takes the log by %s, and nobody without it', async (security) => {
    cluster = await startKafkaCluster({ security });
    const { brokers, ...credentials } = cluster.connection;
    const options = { brokers, clientId: 'test', prefix: 'test-', clock: systemClock };
    const topics = { partitionCount: 1, replicationFactor: -1, kind: 'live' as const, retentionMs: -1 };
    const log = await createKafkaLog({ ...options, ...credentials, ...topics });
    await log.append('events', [{ key: null, value: 'seen', partition: 0 }]);
    const owner = await log.own(0);
    await owner.commit([{ topic: 'state', key: 'a', value: '1' }]);
    expect(await readValues(log, 'events', 0)).toEqual(['seen']);
    await log.close();
    await expect(KafkaLog.open(options)).rejects.toThrow(/^Kafka at .* cannot be used: /);
  });
});

describeKafkaCluster('with TLS and SASL', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafkaCluster({ security: 'sasl_ssl' });
  });
  afterAll(() => cluster?.dispose());

  const caFile = (name = 'ca.pem', certificate = cluster.connection.ssl?.ca ?? ''): string => {
    const file = join(directory.path(), name);
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
  const refusal = async (changed: Record<string, string>): Promise<string> => {
    const apps = new KafkaApps(cluster.connection, { ...settings('plain'), ...changed });
    const { code, stderr } = await apps.run('topics', 'create').then(
      () => ({ code: 0, stderr: '' }),
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(code).toBe(1);
    return stderr;
  };

  test.each([
    ['plain', 'SASL PLAIN authentication failed: Authentication failed: Invalid username or password'],
    ['scram-sha-256', 'SASL SCRAM SHA256 authentication failed: Authentication failed during authentication'],
    ['scram-sha-512', 'SASL SCRAM SHA512 authentication failed: Authentication failed during authentication'],
  ])('a wrong password is told as such (%s)', async (mechanism, sentence) => {
    const said = await refusal({ KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_PASSWORD: 'not-the-password' });
    expect(said).toMatch(/^Kafka at 127\.0\.0\.1:\d+ cannot be used: /);
    expect(said).toContain(sentence);
    expect(said).not.toContain('not-the-password');
  });

  test('brokers of another authority are not believed, and without TLS they hang up', async () => {
    const { ca } = await makeCertificate(directory.path());
    const [other, system, none] = await Promise.all([
      refusal({ KAFKA_TLS_CA_FILE: caFile('other.pem', ca) }),
      refusal({ KAFKA_TLS_CA_FILE: '' }),
      refusal({ KAFKA_TLS: 'false', KAFKA_TLS_CA_FILE: '' }),
    ]);
    expect(other).toMatch(/cannot be used: Connection error: .*certificate/);
    expect(system).toContain('Connection error: self-signed certificate in certificate chain');
    expect(none).toContain('Closed connection');
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
});
