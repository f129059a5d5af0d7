const kafka = [{ $ref: '#/servers/kafka' }];

/** `info` of the AsyncAPI document. */
export const INFO = {
  title: 'Presently',
  license: { name: 'Apache-2.0' },
  description:
    'The topics of an event-sourced presence service, and what its clients are told. Where there is no Kafka, the same records ' +
    'are in the embedded log. What each event does is in SEMANTICS.md, how to write events to Kafka in UPSTREAM.md. Fields may be ' +
    'added, so ignore those that you do not know.',
};

/** Where it is by default. */
export const SERVERS = {
  kafka: {
    host: '127.0.0.1:9092',
    protocol: 'kafka',
    description: 'KAFKA_BROKERS. Read with the isolation level `read_committed`.',
  },
  http: {
    host: '127.0.0.1:8080',
    protocol: 'http',
    description: 'Delivery, or all in one process.',
    security: [{ $ref: '#/components/securitySchemes/user' }],
  },
  webSocket: {
    host: '127.0.0.1:8080',
    protocol: 'ws',
    description: 'The same. A token in the header, or in the first frame.',
  },
};

/** Addresses of topics are those with the default PRESENTLY_TOPIC_PREFIX. */
export const CHANNELS = {
  events: {
    address: 'presence.events',
    title: 'Events',
    servers: kafka,
    description:
      'The facts, and the one source of truth. The key is the `user_id`, and the partition is murmur2 of it (as the Java ' +
      'client has it), so that a user’s events are in order. `source.*` and `policy.set` have no key and are written to every ' +
      'partition, `tick` to one. The time of a record is the broker’s.',
  },
  state: {
    address: 'presence.state',
    title: 'State',
    servers: kafka,
    description:
      'All that follows from the events. Partition p follows from partition p of the events; both topics have as many. Of ' +
      'each key only the latest record counts, and one without a value forgets it. The key is the kind and the ids, with ' +
      '`|` between them (in an id `%` is `%25` and `|` is `%7C`). All of a commit is there or nothing; its checkpoint comes last.',
  },
  deadLetters: {
    address: 'presence.dead-letters',
    title: 'Dead letters',
    servers: kafka,
    description: 'Events that could not be folded, with the reason; in the same partition and with the same key.',
  },
  stream: {
    address: '/v1/stream',
    title: 'Server-sent events',
    servers: [{ $ref: '#/servers/http' }],
    description:
      'The payload is the `data` of a server-sent event, whose name is the frame’s `type`. Its `id`, where there is one, is ' +
      'the resume token: come back with it as `Last-Event-ID`. Comments keep a quiet stream open.',
  },
  webSocket: {
    address: '/v1/ws',
    title: 'WebSocket',
    servers: [{ $ref: '#/servers/webSocket' }],
    description: 'Text messages, a JSON object each, of at most 64 KiB.',
  },
};
