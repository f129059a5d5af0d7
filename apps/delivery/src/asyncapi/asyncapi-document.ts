import type { z } from 'zod';
import { deadLetterSchema } from '#domain/dead-letter.schemas';
import { eventSchema } from '#domain/events';
import { stateRecordSchema } from '#domain/state-record.schemas';
import type { JsonSchema } from '#runtime/http/openapi/schema-components';
import { SchemaComponents } from '#runtime/http/openapi/schema-components';
import { VERSION } from '#runtime/version';
import { streamFrameSchema, webSocketFrameSchema } from '../frame.schemas.ts';
import { streamQuery } from '../stream.schemas.ts';
import { clientFrame } from '../websocket/client-frame.ts';
import { CHANNELS, INFO, SERVERS } from './asyncapi-prose.ts';

interface Message {
  readonly name: string;
  readonly payload: JsonSchema;
  readonly bindings?: object;
}
type Messages = Readonly<Record<string, Message>>;

const KAFKA_BINDING = '0.5.0';

/** The AsyncAPI 3.0 document of the topics and of the streams. The schemas are in draft 7, which AsyncAPI’s own are based on. */
export function asyncApiDocument(): object {
  const components = new SchemaComponents('draft-7');
  const messages = {
    events: alternatives(components, eventSchema),
    state: alternatives(components, stateRecordSchema),
    deadLetters: { DeadLetter: message('DeadLetter', components.of(deadLetterSchema), { type: ['string', 'null'] }) },
    stream: alternatives(components, streamFrameSchema),
    webSocket: {
      serverFrame: message('WebSocketFrame', components.of(webSocketFrameSchema)),
      clientFrame: message('ClientFrame', components.of(clientFrame)),
    },
  };
  return {
    asyncapi: '3.0.0',
    info: { ...INFO, version: VERSION },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: {
      events: topic('events', messages.events, { 'cleanup.policy': ['delete'], 'max.message.bytes': 1_048_588 }),
      state: topic('state', messages.state, { 'cleanup.policy': ['compact'] }),
      deadLetters: topic('deadLetters', messages.deadLetters, { 'cleanup.policy': ['delete'] }),
      stream: { ...CHANNELS.stream, messages: messages.stream },
      webSocket: {
        ...CHANNELS.webSocket,
        messages: messages.webSocket,
        bindings: { ws: { method: 'GET', query: components.of(streamQuery), bindingVersion: '0.1.0' } },
      },
    },
    operations: {
      takeEvents: operation('receive', 'events', messages.events, 'The projector folds them.'),
      writeEvents: operation('send', 'events', messages.events, 'Ingest writes what it was told by HTTP.'),
      writeState: operation('send', 'state', messages.state, 'The projector writes what has changed.'),
      writeDeadLetters: operation('send', 'deadLetters', messages.deadLetters, 'The projector sets records aside.'),
      tellStream: operation('send', 'stream', messages.stream, 'Delivery tells a client.'),
      tellWebSocket: operation('send', 'webSocket', { serverFrame: messages.webSocket.serverFrame }, 'The same.'),
      hearWebSocket: operation(
        'receive',
        'webSocket',
        { clientFrame: messages.webSocket.clientFrame },
        'The client says what its user does.',
      ),
    },
    components: {
      schemas: components.schemas,
      securitySchemes: { user: { type: 'http', scheme: 'bearer', description: 'A user’s access token.' } },
    },
  };
}

/** A message for each of the schemas that a union is of, by its name. */
function alternatives(components: SchemaComponents, union: z.ZodType): Messages {
  const { name, definition } = named(components, components.of(union));
  const { oneOf, anyOf = oneOf } = definition;
  if (!Array.isArray(anyOf)) throw new Error(`${name} is no union.`);
  const messages = anyOf.map((alternative) => {
    const { name: kind, definition: payload } = named(components, alternative as JsonSchema);
    return [
      kind,
      message(kind, alternative as JsonSchema, hasKey(name, payload) ? { type: 'string' } : undefined),
    ] as const;
  });
  return Object.fromEntries(messages);
}

/** Records of the state all have keys, of the events those of one user. */
const hasKey = (union: string, { properties }: JsonSchema): boolean =>
  union === 'StateRecord' || (union === 'Event' && 'user_id' in (properties as object));

function named({ schemas }: SchemaComponents, { $ref }: JsonSchema): { name: string; definition: JsonSchema } {
  const name = String($ref).replace('#/components/schemas/', '');
  const definition = schemas[name];
  if (definition === undefined) throw new Error(`${String($ref)} is no named schema.`);
  return { name, definition };
}

function message(name: string, payload: JsonSchema, key?: JsonSchema): Message {
  if (key === undefined) return { name, payload };
  return { name, payload, bindings: { kafka: { key, bindingVersion: KAFKA_BINDING } } };
}

function topic(name: 'events' | 'state' | 'deadLetters', messages: Messages, topicConfiguration: object): object {
  const { address } = CHANNELS[name];
  const kafka = { topic: address, topicConfiguration, bindingVersion: KAFKA_BINDING };
  return { ...CHANNELS[name], messages, bindings: { kafka } };
}

function operation(action: 'send' | 'receive', channel: string, messages: Messages, summary: string): object {
  return {
    action,
    channel: { $ref: `#/channels/${channel}` },
    summary,
    messages: Object.keys(messages).map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
  };
}
