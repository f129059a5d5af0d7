import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeKafkaCluster, KAFKA_START_MS_MAX } from '../support/kafka/describe-kafka.ts';
import { killProcesses, SourceProcess } from '../support/source-process.ts';

const POLL_MS = 50;

afterEach(killProcesses);

describeKafkaCluster('a broker', () => {
  test(
    'ends with its owner, even by kill -9',
    async () => {
      const owner = new SourceProcess('test/kafka/owner.ts', [], { env: { KAFKA_TEST_RUN: '' } });
      const address = await owner.line((line) => line.startsWith('127.0.0.1:'));
      expect(await isOpen(address)).toBe(true);
      await owner.kill('SIGKILL');
      while (await isOpen(address)) await sleep(POLL_MS);
    },
    KAFKA_START_MS_MAX,
  );
});

async function isOpen(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
