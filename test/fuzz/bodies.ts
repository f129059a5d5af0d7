import fc from 'fast-check';
import { BYSTANDER } from '../support/hostile/hostile-server.ts';
import { anyUserId, id, list, number, presence, shape, text, userId } from './values.ts';

const TYPES = [
  ...['device.connected', 'device.disconnected', 'device.active', 'device.presence', 'status.set'],
  ...['room.joined', 'room.left', 'list.invited', 'list.dropped', 'list.accepted', 'list.denied'],
  ...['visibility.set', 'user.removed', 'source.alive', 'source.gone', 'policy.set', 'tick', 'toString'],
];

/** Is in every body that has to be refused, and in no other. */
export const SPOILT = '{"type":"spoilt"}';

const showTo = fc.constantFrom('everyone', 'contacts', 'nobody', 'all');

const event = shape({
  type: fc.constantFrom(...TYPES),
  user_id: userId,
  ts: number,
  device_id: id,
  connection_id: id,
  source_id: id,
  ttl_ms: number,
  presence,
  status_msg: text,
  reason: text,
  room_id: id,
  observed: userId,
  owner: userId,
  invitation: id,
  show_to: showTo,
  blocked: list(userId),
});

/** Whom an upstream service says something of, together with what nobody can say: so all of it has to be refused. */
const spoiltEvents = fc
  .tuple(
    fc.array(fc.constantFrom('user.removed', 'device.active', 'status.set'), { minLength: 1, maxLength: 3 }),
    fc.array(event, { maxLength: 2 }),
  )
  .map(([types, others]) => {
    const ofBystander = types.map((type) => ({ type, user_id: BYSTANDER, presence: 'offline', status_msg: 'spoilt' }));
    return { events: [...ofBystander, ...others, JSON.parse(SPOILT) as object] };
  });

/** Bodies in the shape that each route reads. */
export const bodies = {
  events: fc.oneof(
    { weight: 4, arbitrary: shape({ events: list(event) }) },
    { weight: 1, arbitrary: spoiltEvents },
    { weight: 1, arbitrary: event },
  ),
  members: shape({ members: list(userId) }),
  query: shape({ user_ids: list(anyUserId) }),
  status: shape({ presence, status_msg: text }),
  lists: shape({ invite: list(anyUserId), drop: list(anyUserId), accept: list(anyUserId), deny: list(anyUserId) }),
  visibility: shape({ show_to: showTo, blocked: list(anyUserId) }),
  filter: shape({
    presence: shape({
      types: list(fc.constantFrom('m.presence', 'm.*', '*', '')),
      not_types: list(text),
      senders: list(anyUserId),
      not_senders: list(anyUserId),
      limit: number,
    }),
    room: fc.jsonValue({ maxDepth: 2 }),
  }),
} satisfies Record<string, fc.Arbitrary<unknown>>;
