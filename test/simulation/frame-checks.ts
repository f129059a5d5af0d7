import type { MPresenceEvent } from '#domain/m-presence';
import type { Frame, ListEvent } from '#delivery/frame';
import type { LogHistory } from '../oracle/log-history.ts';
import type { PublicFields } from '../oracle/naive-fold.ts';
import type { Truth } from '../oracle/truth.ts';
import type { Happening, Sent } from './happenings.ts';

const KEYS: Record<Frame['type'], string> = {
  snapshot: 'events,more,type',
  'm.presence': 'content,sender,type',
  forget: 'type,user_id',
  'room.presence': 'mode,room_id,type',
  'm.presence_invite': 'content,sender,type',
  'm.presence_accept': 'content,sender,type',
  'm.presence_deny': 'content,sender,type',
};

/**
 * Of every frame that a node sent, be it read or lost: it says what was true for this client at exactly the checkpoints
 * that the node had read, and nothing else.
 */
export function frameFaults(userId: string, happenings: readonly Happening[], history: LogHistory): string[] {
  return happenings.flatMap((happening) => {
    if (happening.type !== 'received' && happening.type !== 'lost') return [];
    const { frame, cursor } = happening.sent;
    const fault = shapeFault(frame) ?? frameFault(userId, happening.sent, history.at(cursor));
    return fault === null ? [] : [`${userId} was sent ${JSON.stringify(frame)} at ${JSON.stringify(cursor)}: ${fault}`];
  });
}

function shapeFault(frame: Frame): string | null {
  const keys = keysOf(frame);
  if (KEYS[frame.type] !== keys) return `it has the keys ${keys}`;
  if (frame.type !== 'snapshot') return null;
  const odd = frame.events.map(keysOf).find((found) => found !== KEYS['m.presence']);
  return odd === undefined ? null : `an event has the keys ${odd}`;
}

function frameFault(userId: string, { frame, now }: Sent, truth: Truth): string | null {
  switch (frame.type) {
    case 'snapshot': {
      const senders = frame.events.map(({ sender }) => sender);
      if (senders.some((sender, index) => index > 0 && sender <= (senders[index - 1] ?? ''))) return 'out of order';
      const isIdle = ({ content }: MPresenceEvent): boolean => content.presence === 'offline' && !content.status_msg;
      if (frame.events.some(isIdle)) return 'somebody is offline, without a message';
      return frame.events.map((event) => eventFault(userId, event, now, truth)).find((fault) => fault !== null) ?? null;
    }
    case 'm.presence':
      return eventFault(userId, frame, now, truth);
    case 'forget':
      return truth.seen(userId, frame.user_id) === null ? null : 'it sees that user';
    case 'room.presence': {
      const mode = truth.isMember(frame.room_id, userId) ? truth.mode(frame.room_id) : 'full';
      return frame.mode === mode ? null : `the room is ${mode}, for this user`;
    }
    default:
      return listFault(userId, frame, truth);
  }
}

function eventFault(userId: string, event: MPresenceEvent, now: number, truth: Truth): string | null {
  const seen = truth.seen(userId, event.sender);
  if (seen === null) return `nothing of ${event.sender} is its business`;
  const text = sortedText(event);
  const allowed = seen.map((state) => sortedText(presenceEvent(event.sender, state, now)));
  return allowed.includes(text) ? null : `it may see ${allowed.join(' or ')}`;
}

function listFault(userId: string, { type, sender, content }: ListEvent, truth: Truth): string | null {
  if (keysOf(content) !== 'observed_user,observer_user') return `its content has the keys ${keysOf(content)}`;
  const { observer_user: owner, observed_user: observed } = content;
  const isInvite = type === 'm.presence_invite';
  if (userId !== (isInvite ? observed : owner)) return 'it is between others';
  if (sender !== (isInvite ? owner : observed)) return 'that is not the sender';
  const standing = truth.invitation(owner, observed);
  if (standing === null) return 'no such invitation stands';
  const states = standing.isOld ? ['denied', 'pending'] : [standing.state];
  if (isInvite && truth.blocks(observed, owner)) return 'it blocks who asks';
  const said = { 'm.presence_invite': 'pending', 'm.presence_accept': 'accepted', 'm.presence_deny': 'denied' }[type];
  return states.includes(said) ? null : `it is ${standing.state}`;
}

/** The event as the Matrix client-server API has it, said once more. */
function presenceEvent(userId: string, state: PublicFields, now: number): object {
  const content: Record<string, unknown> = { presence: state.presence };
  if (state.last_active_ts !== null) content.last_active_ago = Math.max(0, now - state.last_active_ts);
  if (state.presence === 'online') content.currently_active = state.currently_active;
  if (state.status_msg !== null) content.status_msg = state.status_msg;
  return { type: 'm.presence', sender: userId, content };
}

const keysOf = (object: object): string => Object.keys(object).sort().join();

function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
