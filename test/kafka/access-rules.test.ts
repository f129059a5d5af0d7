import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { LIVE_POLICY } from '#domain/policy';
import { writeGenesis } from '#message-log/genesis';
import { createKafkaLog } from '#message-log/kafka/create-log';
import type { KafkaLogOptions } from '#message-log/kafka/kafka-log';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import type { MessageLog } from '#message-log/message-log';
import { TOPICS } from '#message-log/message-log';
import { systemClock } from '#runtime/clock/system-clock';
import { readValues } from '../contract/reading.ts';
import { ask, untilItWorks } from '../support/kafka/ask.ts';
import { SASL_USER, saslUser } from '../support/kafka/broker-properties.ts';
import { describeKafkaCluster, KAFKA_START_MS_MAX } from '../support/kafka/describe-kafka.ts';
import type { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { AccessRule } from './access-rules.ts';
import { aclEntry, documentedRules, documentedTable, ruleText, tableOf } from './access-rules.ts';

jest.setTimeout(KAFKA_START_MS_MAX);
const directory = temporaryDirectory();

const RULES = documentedRules();
const USERS = ['admin', 'ingest', 'projector', 'delivery'] as const;
const rulesOf = (user: string): AccessRule[] => RULES.filter((rule) => rule.user === user);

test('the table of access rules says what the commands make', () => {
  expect(RULES.length).toBeGreaterThan(20);
  expect(documentedTable()).toEqual(tableOf(RULES));
});

describeKafkaCluster('with an authorizer,', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafkaCluster({ security: 'sasl_ssl' });
  });
  afterAll(() => cluster?.dispose());

  const as = (user: string, prefix: string): KafkaLogOptions => {
    const { brokers, ssl } = cluster.connection;
    const sasl = { mechanism: 'plain', ...saslUser(user) } as const;
    return { brokers, clientId: user, prefix, clock: systemClock, sasl, ...(ssl === undefined ? {} : { ssl }) };
  };

  const allow = async (rules: readonly AccessRule[], prefix: string): Promise<void> => {
    const acl = rules.map((rule) => aclEntry(rule, prefix));
    await ask(cluster.connection, (admin) => admin.createAcls({ acl }));
    // A broker is a moment behind what it has said, and knows the last of them last.
    await untilItWorks(async () => {
      const [last] = acl.slice(-1);
      if (last === undefined) return;
      const { resources } = await ask(cluster.connection, (admin) => admin.describeAcls(last));
      if (resources.length === 0) throw new Error('The rules do not hold yet');
    });
  };

  const makeTopics = async (user: string, prefix: string): Promise<void> => {
    const topics = { partitionCount: 1, replicationFactor: -1, kind: 'live', retentionMs: -1 } as const;
    const log = await createKafkaLog({ ...as(user, prefix), ...topics });
    try {
      await writeGenesis(log, LIVE_POLICY);
    } finally {
      await log.close();
    }
  };

  /** A place for a log, where the user has these rules; the topics are there, unless it is the user who makes them. */
  const place = async (user: string, rules: readonly AccessRule[]): Promise<string> => {
    const prefix = freshPrefix();
    if (user !== 'admin') await makeTopics(SASL_USER.username, prefix);
    await allow(rules, prefix);
    return prefix;
  };

  const opened = async (user: string, prefix: string, use: (log: MessageLog) => Promise<unknown>): Promise<void> => {
    const log = await KafkaLog.open(as(user, prefix));
    try {
      await use(log);
    } finally {
      await log.close();
    }
  };
  const append = (log: MessageLog): Promise<unknown> =>
    log.append('events', [{ key: null, value: '{"type":"tick"}', partition: 0 }]);

  /** What each does with the log. */
  const WORK: Readonly<Record<(typeof USERS)[number], (prefix: string) => Promise<void>>> = {
    admin: (prefix) => makeTopics('admin', prefix),
    ingest: (prefix) => opened('ingest', prefix, append),
    delivery: (prefix) =>
      opened('delivery', prefix, async (log) => {
        await append(log);
        await log.range('events', 0);
        await readValues(log, 'state', 0);
      }),
    projector: (prefix) =>
      opened('projector', prefix, async (log) => {
        await memberOfGroup(log);
        const owner = await log.own(0);
        await owner.commit([
          { topic: 'state', key: 'k', value: '1' },
          { topic: 'dead-letters', key: null, value: '1' },
        ]);
        await append(log);
        await readValues(log, 'events', 0);
        await readValues(log, 'state', 0);
      }),
  };

  test.each(USERS)('%s can do its work with its rules, and without any one of them it cannot', async (user) => {
    const work = WORK[user];
    const own = rulesOf(user);
    await work(await place(user, own));
    const needless = own.map(async (rule) => {
      const prefix = await place(
        user,
        own.filter((other) => other !== rule),
      );
      return work(prefix).then(
        () => ruleText(rule),
        () => null,
      );
    });
    expect((await Promise.all(needless)).filter((rule) => rule !== null)).toEqual([]);
  });

  test.each(USERS)('%s can read and write no other topic than its rules say', async (user) => {
    const prefix = await place('', RULES);
    const record = { key: 'k', value: '{}', partition: 0 };
    for (const topic of TOPICS) await opened(SASL_USER.username, prefix, (log) => log.append(topic, [record]));
    await opened(user, prefix, async (log) => {
      for (const topic of TOPICS) {
        const may = (operation: string): boolean =>
          rulesOf(user).some((rule) => rule.name === `presence.${topic}` && rule.operation === operation);
        const outcome = (done: Promise<unknown>): Promise<string> => done.then(() => 'done', messageOf);
        const written = await outcome(log.append(topic, [record]));
        const read = await outcome(readValues(log, topic, 0));
        const refused = expect.stringMatching(/Not authorized to access topics/);
        expect([topic, written, read]).toEqual([
          topic,
          may('Write') ? 'done' : refused,
          may('Read') ? 'done' : refused,
        ]);
      }
      const owned = await log.own(0).then(() => 'owned', messageOf);
      expect(owned).toMatch(user === 'projector' ? /^owned$/ : /cannot give partition 0 an owner/);
    });
  });

  test('the apps do with them', async () => {
    const prefix = freshPrefix();
    await allow(RULES, prefix);
    const ca = join(directory.path(), 'ca.pem');
    writeFileSync(ca, cluster.connection.ssl?.ca ?? '');
    const apps = (user: string): KafkaApps => {
      const { username, password } = saslUser(user);
      const tls = { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: ca, KAFKA_SASL_MECHANISM: 'plain' };
      const login = { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password };
      return new KafkaApps(cluster.connection, { ...tls, ...login, PRESENTLY_TOPIC_PREFIX: prefix });
    };
    await apps('admin').run('topics', 'create', '--partitions', '2');
    const started = (['ingest', 'projector', 'delivery'] as const).map((app) => apps(app).start(app));
    const [ingest, projector, delivery] = await Promise.all(started);
    for (const server of [ingest, projector, delivery]) await server?.ready();
    const stream = new StreamClient(delivery?.url ?? '', '@a:x/D'); // whose device is written by delivery
    await ingest?.accept({ type: 'status.set', user_id: '@a:x', presence: 'online', status_msg: 'allowed' });
    await stream.event(({ data }) => JSON.stringify(data).includes('allowed'));
    await stream.close();
    for (const server of [ingest, projector, delivery]) expect(await server?.process.kill('SIGTERM')).toBe(0);
  });
});

/** Resolves when the log has given it its partition. */
async function memberOfGroup(log: MessageLog): Promise<void> {
  let isAssigned = (): void => undefined;
  const assigned = new Promise<void>((resolve) => (isAssigned = resolve));
  const membership = await log.join('presently-projector', {
    assigned: () => {
      isAssigned();
      return Promise.resolve(0);
    },
    revoked: () => Promise.resolve(),
    batch: () => Promise.resolve(),
  });
  await Promise.race([assigned, membership.ended]);
  await membership.leave();
}

const messageOf = (error: unknown): string => (error as Error).message;
