// Writes presence events straight to Kafka: npm install kafkajs && KAFKA_BROKERS=localhost:9092 node publish.mjs
import kafkajs from 'kafkajs';

const { KAFKA_BROKERS = 'localhost:9092', PRESENTLY_TOPIC_PREFIX = 'presence.' } = process.env;
const topic = `${PRESENTLY_TOPIC_PREFIX}events`;

const events = ['@alice:example', '@bjørn:example', '@dave:example', '@猫:example'].flatMap((user_id) => [
  { type: 'room.joined', user_id, room_id: '!garden:example' },
  { type: 'device.connected', user_id, device_id: 'PHONE', ts: Date.now() },
  { type: 'status.set', user_id, status_msg: 'published from Node' },
]);

const producer = new kafkajs.Kafka({ clientId: 'upstream', brokers: KAFKA_BROKERS.split(',') }).producer({
  idempotent: true,
  maxInFlightRequests: 1, // with several, a retry may change the order
  createPartitioner: kafkajs.Partitioners.DefaultPartitioner, // murmur2; LegacyPartitioner is not
});
await producer.connect();
try {
  // Resolves when every replica in sync has them (acks -1: all).
  await producer.send({
    topic,
    acks: -1,
    messages: events.map((event) => ({ key: event.user_id, value: JSON.stringify(event) })),
  });
} finally {
  await producer.disconnect();
}
console.log(`${events.length} events are in ${topic}`);
