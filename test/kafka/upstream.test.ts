import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import type { Message, Producer } from 'kafkajs';
import { CompressionTypes, Kafka } from 'kafkajs';
import { partitionOf } from '#domain/partitioner';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import type { DeadLetterValue } from '#domain/dead-letter.schemas';
import { systemClock } from '#runtime/clock/system-clock';
import type { ReplayLine } from '../support/cli.ts';
import { parseLines } from '../support/cli.ts';
import { EXAMPLES } from '../support/examples.ts';
import { describeKafka, KAFKA_START_MS_MAX } from '../support/kafka/describe-kafka.ts';
import { installKafka } from '../support/kafka/installation.ts';
import { clientConfig } from '../support/kafka/kafka-connection.ts';
import { findKafka, javaTool, thisMachine } from '../support/kafka/kafka-source.ts';
import { currentRun, sayAtEnd } from '../support/kafka/run-directory.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import { killProcesses, ROOT } from '../support/source-process.ts';
import { confluentPython } from './confluent-python.ts';
import { builtWithGo } from './go-example.ts';
import { Outcome } from './outcome.ts';

jest.setTimeout(60_000);

const PARTITIONS = 4;
const EXAMPLE_USERS = ['@alice:example', '@bjørn:example', '@dave:example', '@猫:example'];
const CAROL = '@carol:example';
const LARGE_BYTES = 900_000;
const NO_STRING = 'must be a string';

const { kind } = findKafka(thisMachine);
const python = kind === 'none' ? { missing: 'there is no Kafka' } : await confluentPython();
const noPython = 'missing' in python ? python.missing : null;
if (noPython !== null && kind !== 'none' && process.env.CI === 'true') {
  throw new Error(`With CI=true the Python examples must run: ${noPython}`);
}
const describePython = describeUnless(noPython);
const goExample = kind === 'none' ? { missing: 'there is no Kafka' } : await builtWithGo('kafka-go');
const describeGo = describeUnless('missing' in goExample ? goExample.missing : null);
const describeJava = describeUnless(kind === 'maven' ? null : 'Publish.java needs the Kafka that Maven fetches');

/** Skips tests when something is missing, and has the run say so at its end. */
function describeUnless(missing: string | null): (name: string, tests: () => void) => void {
  if (missing === null || kind === 'none') return describe;
  sayAtEnd(`Examples of docs/UPSTREAM.md are SKIPPED: ${missing}`);
  return describe.skip;
}

describeKafka('upstreams that write straight to Kafka', (connection) => {
  let apps: KafkaApps;
  let log: KafkaLog;
  let producer: Producer;
  let outcome: Outcome;
  let topic: string;

  beforeAll(async () => {
    apps = new KafkaApps(connection(), { KAFKA_SESSION_TIMEOUT_MS: '10000' }); // a second is spent on one of the records
    const prefix = apps.env.PRESENTLY_TOPIC_PREFIX ?? '';
    topic = `${prefix}events`;
    await apps.run('topics', 'create', '--partitions', String(PARTITIONS));
    await apps.start('projector');
    log = await KafkaLog.open({ ...connection(), clientId: 'test', prefix, clock: systemClock });
    outcome = new Outcome(log);
    producer = new Kafka(clientConfig(connection())).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
  }, KAFKA_START_MS_MAX);

  afterAll(async () => {
    await killProcesses();
    await producer.disconnect();
    await outcome.stop();
    await log.close();
  });

  async function run(program: string, ...args: readonly string[]): Promise<string> {
    const env = { ...process.env, NODE_OPTIONS: '', ...apps.env };
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout;
  }

  const runPython = (file: string): Promise<string> => run('python' in python ? python.python : '', file);

  /** Runs publish.py with something replaced. */
  function publishOther(replacements: Record<string, string>): Promise<string> {
    const example = readFileSync(join(EXAMPLES, 'publish.py'), 'utf8');
    const changed = Object.entries(replacements).reduce((text, [old, other]) => {
      expect(text).toContain(old);
      return text.replace(old, other);
    }, example);
    const file = join(currentRun().directory, `${topic}-publish.py`);
    writeFileSync(file, changed);
    return runPython(file);
  }

  async function write(message: Message): Promise<{ partition: number; offset: number }> {
    const [sent] = await producer.send({ topic, acks: -1, messages: [message] });
    return { partition: sent?.partition ?? -1, offset: Number(sent?.baseOffset) };
  }

  /** What an example has printed, and what became of its events. */
  async function madeOf(printed: string): Promise<object> {
    await outcome.everythingIsFolded();
    const users = EXAMPLE_USERS.map((user) => {
      const { presence, status_msg: statusMsg } = outcome.users.get(user) ?? {};
      return [user, presence, statusMsg];
    });
    return { printed, users, members: [...outcome.members].toSorted(), letters: outcome.letters };
  }

  const good = (statusMsg: string): object => ({
    printed: `12 events are in ${topic}\n`,
    users: EXAMPLE_USERS.map((user) => [user, 'online', statusMsg]),
    members: EXAMPLE_USERS.toSorted(),
    letters: [],
  });

  test('publish.mjs', async () => {
    const printed = await run(process.execPath, join(EXAMPLES, 'publish.mjs'));
    expect(await madeOf(printed)).toEqual(good('published from Node'));
  });

  describePython('in Python', () => {
    test('publish.py', async () => {
      expect(await madeOf(await runPython(join(EXAMPLES, 'publish.py')))).toEqual(good('published from Python'));
    });

    // Of these kafkajs reads gzip only: the brokers have to unpack them.
    test.each(['gzip', 'snappy', 'lz4', 'zstd'])('compressed with %s', async (codec) => {
      const printed = await publishOther({
        '"acks": "all"': `"acks": "all", "compression.type": "${codec}"`,
        'published from Python': `compressed with ${codec}`,
      });
      expect(await madeOf(printed)).toEqual(good(`compressed with ${codec}`));
    });
  });

  describeGo('in Go', () => {
    test('publish.go', async () => {
      const printed = await run('program' in goExample ? goExample.program : '');
      expect(await madeOf(printed)).toEqual(good('published from Go'));
    });
  });

  describeJava('in Java', () => {
    test('Publish.java', async () => {
      const { javaArguments } = await installKafka();
      const printed = await run(javaTool('java'), ...javaArguments, join(EXAMPLES, 'Publish.java'));
      expect(await madeOf(printed)).toEqual(good('published from Java'));
    });
  });

  test('a replay of the log tells the same', async () => {
    await outcome.everythingIsFolded();
    const told = parseLines<ReplayLine>(await apps.run('replay', '--log'));
    const last = new Map(told.map((line) => [line.user_id, line]));
    for (const user of EXAMPLE_USERS) {
      const { presence, status_msg: status } = last.get(user) ?? {};
      expect([presence, status]).toEqual(['online', outcome.users.get(user)?.status_msg]);
    }
  });

  test('a source is told to every partition', async () => {
    const value = JSON.stringify({ type: 'source.alive', source_id: 'gateway-1', ttl_ms: 60_000 });
    for (let partition = 0; partition < PARTITIONS; partition++) await write({ key: null, value, partition });
    await outcome.everythingIsFolded();
    expect(outcome.sources).toEqual(Array.from({ length: PARTITIONS }, () => ['gateway-1']));
    expect(outcome.letters).toEqual([]);
  });

  test('it happened at ts, and was written by the broker’s clock, whatever the record says', async () => {
    const user = '@late:example';
    const [ts, year2100] = [Date.now() - 3_600_000, '4102444800000'];
    const value = JSON.stringify({ type: 'device.active', user_id: user, ts });
    await write({ key: user, value, timestamp: year2100 });
    await outcome.everythingIsFolded();
    const { last_active_ts: lastActiveTs, announcement } = outcome.users.get(user) ?? {};
    expect(lastActiveTs).toBe(ts);
    expect(Math.abs((announcement?.ts ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  describePython('with the partitioner that librdkafka has by default', () => {
    test('what is in the wrong partition is a dead letter that says so', async () => {
      const known = outcome.letters.length;
      await publishOther({ '"partitioner": "murmur2_random",': '' });
      await outcome.everythingIsFolded();
      await outcome.until(() => outcome.letters.length > known);
      const letters = outcome.letters.slice(known);
      expect(letters.map(({ reason }) => reason)).toEqual(letters.map(wrongPartition));
    });
  });

  test('a bad record is a dead letter with a sentence, and the partition goes on', async () => {
    const event = JSON.stringify({ type: 'device.active', user_id: CAROL });
    const right = partitionOf(CAROL, PARTITIONS);
    const wrong = (right + 1) % PARTITIONS;
    const otherKey = `the record's key is not its user_id "${CAROL}"`;
    const tenFaults = Array.from({ length: 10 }, (_, at) => `blocked.${at} ${NO_STRING}`).join('; ');
    const manyFaults = { type: 'visibility.set', user_id: CAROL, show_to: 'nobody', blocked: Array(300_000).fill(0) };
    const poison: readonly (readonly [reason: string, message: Message])[] = [
      [wrongPartition({ partition: wrong, key: CAROL }), { key: CAROL, value: event, partition: wrong }],
      [otherKey, { key: '@dora:example', value: event, partition: right }],
      [otherKey, { key: null, value: event, partition: right }],
      [otherKey, { key: 'k'.repeat(3_000), value: event, partition: right }],
      ['the record has no value', { key: CAROL, value: null }],
      ['the record is not JSON', { key: CAROL, value: 'hello' }],
      // In JSON six times as much.
      ['the record is not JSON', { key: CAROL, value: '\u0001'.repeat(LARGE_BYTES) }],
      ['the record is not UTF-8', { key: CAROL, value: Buffer.alloc(LARGE_BYTES, 0xff) }],
      [`visibility.set: ${tenFaults}; and 299990 more`, { key: CAROL, value: JSON.stringify(manyFaults) }],
      [
        'source.alive belongs to a partition and takes no key',
        { key: CAROL, value: '{"type":"source.alive","source_id":"gateway-1","ttl_ms":60000}' },
      ],
    ];
    for (const [reason, message] of poison) {
      const { partition, offset } = await write(message);
      const find = (): DeadLetterValue | undefined =>
        outcome.letters.find((letter) => letter.partition === partition && letter.offset === offset);
      await outcome.until(() => find() !== undefined);
      const letter = find();
      expect([letter?.reason, letter?.key]).toEqual([reason, message.key]);
      const value = letter?.value_base64 === undefined ? letter?.value : Buffer.from(letter.value_base64, 'base64');
      expect(value?.toString() === message.value?.toString()).toBe(true); // toEqual would print megabytes
    }
    const [, documented = ''] = /```json\n(.*)\n```/.exec(readFileSync(join(ROOT, 'docs/UPSTREAM.md'), 'utf8')) ?? [];
    const example = JSON.parse(documented) as DeadLetterValue;
    expect(outcome.letters.map((letter) => ({ ...letter, offset: 0, timestamp: 0 }))).toContainEqual({
      ...example,
      offset: 0,
      timestamp: 0,
    });
    expect(outcome.users.has(CAROL)).toBe(false);
    await write({ key: CAROL, value: event });
    await outcome.everythingIsFolded();
    expect(outcome.users.get(CAROL)?.presence).toBe('online');
  });

  test('the brokers refuse a record that is small only as long as it is compressed', async () => {
    const messages = [{ key: CAROL, value: ' '.repeat(20_000_000) }];
    await expect(producer.send({ topic, compression: CompressionTypes.GZIP, messages })).rejects.toThrow(/larger than/);
  });
});

function wrongPartition({ partition, key }: Pick<DeadLetterValue, 'partition' | 'key'>): string {
  return (
    `wrong partition ${partition}: the key belongs to ${partitionOf(key ?? '', PARTITIONS)} of ${PARTITIONS}; ` +
    `set the producer's partitioner to murmur2 (librdkafka: murmur2_random)`
  );
}
