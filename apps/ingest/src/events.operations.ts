import { upstreamEventSchema } from '#domain/events';
import type { OperationDescription } from '#runtime/http/openapi/operation';
import { acceptedSchema, eventsSchema } from './events.schemas.ts';

export const publishEvents: OperationDescription = {
  id: 'publishEvents',
  tag: 'Events',
  summary: 'Tell what devices and users do',
  description:
    'All events of a request are taken, or none. An event takes at most 64 KiB. What each does is in SEMANTICS.md. The ' +
    'order of a user’s events is that in which they come. Ids and a `status_msg` have to be well-formed Unicode.',
  caller: 'upstream',
  body: {
    schema: eventsSchema,
    line: upstreamEventSchema,
    example: {
      events: [
        { type: 'room.joined', user_id: '@bob:example.org', room_id: '!garden:example.org' },
        { type: 'device.connected', user_id: '@bob:example.org', device_id: 'LAPTOP' },
      ],
    },
  },
  answers: {
    200: { says: 'They are durable.', schema: acceptedSchema },
    400: { says: 'At least one event cannot be used; `faults` says which, and why. Nothing was written.' },
    413: { says: 'More than 10,000 events, or 8 MiB. Send them in parts.' },
  },
};
