import { jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ISocketFactory } from 'kafkajs';
import { Kafka } from 'kafkajs';
import Runner from 'kafkajs/src/consumer/runner.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import '#message-log/kafka/kafkajs-repairs';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { clientConfig } from '../support/kafka/kafka-connection.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';

jest.setTimeout(30_000);
const RECORDS = 45;
const CUTS = 3;
const FETCHES_MAX = 1_000;

const silent = (): void => undefined;
const silentLogger = { namespace: () => silentLogger, debug: silent, info: silent, warn: silent, error: silent };

/** Makes sockets of which the first few are cut off in the middle of a long response. */
function cutting(cuts: { left: number }): ISocketFactory {
  return ({ host, port, onConnect }): Socket => {
    const socket = connect({ host, port }, onConnect);
    socket.prependListener('data', (data: Buffer) => {
      const isLongBegun = data.length > 60_000;
      if (!isLongBegun || cuts.left === 0) return;
      cuts.left--;
      setImmediate(() => socket.destroy(new Error('connection reset')));
    });
    return socket;
  };
}

describeKafka('kafkajs, mended', (connection) => {
  test('goes on with the next response after one was cut off', async () => {
    const topic = `${freshPrefix()}long`;
    const cuts = { left: CUTS };
    const kafka = new Kafka({ ...clientConfig(connection()), socketFactory: cutting(cuts) });
    const producer = kafka.producer();
    const admin = kafka.admin();
    await Promise.all([producer.connect(), admin.connect()]);
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: -1 }], waitForLeaders: true });
    const messages = Array.from({ length: RECORDS }, (_, n) => ({ value: String(n).padEnd(20_000, '.') }));
    await producer.send({ topic, messages });
    await producer.disconnect();

    const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
    const seen = new Set<number>();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      const eachMessage = ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
        seen.add(Number.parseInt(message.value?.toString() ?? '', 10));
        if (seen.size === RECORDS) resolve();
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
    expect(cuts.left).toBe(0);
  });

  test('looks for requests to send when there are some', async () => {
    const looks = jest.spyOn(RequestQueue.prototype, 'checkPendingRequests');
    const admin = new Kafka(clientConfig(connection())).admin();
    await admin.connect();
    await admin.listTopics();
    looks.mockClear();
    await sleep(300);
    expect(looks.mock.calls.length).toBeLessThan(10);
    await admin.disconnect();
  });
});

test('kafkajs, mended, ends a consumer that is stopped while a broker comes', async () => {
  const brokers = ['1', '2'];
  let fetches = 0;
  let answerOfTwo: () => void = () => undefined;
  const group = {
    connect: async () => undefined,
    joinAndSync: async () => undefined,
    heartbeat: async () => undefined,
    leave: async () => undefined,
    getNodeIds: () => {
      if (++fetches > FETCHES_MAX) throw new Error('It fetches for ever.'); // else nothing else would run any more
      return [...brokers];
    },
    fetch: (broker: string) =>
      broker === '2' ? new Promise<never[]>((resolve) => (answerOfTwo = () => resolve([]))) : sleep(5).then(() => []),
  };
  const crashes: Error[] = [];
  const runner = new Runner({
    logger: silentLogger,
    consumerGroup: group,
    instrumentationEmitter: new EventEmitter(),
    concurrency: 1,
    onCrash: (error: Error) => crashes.push(error),
  });
  await runner.start();
  brokers.push('3');
  await sleep(50); // the fetcher of the first has noticed, that of the second still waits
  const stopped = runner.stop();
  answerOfTwo();
  await stopped;
  expect(crashes).toEqual([]);
  expect(fetches).toBeLessThan(FETCHES_MAX);
});
