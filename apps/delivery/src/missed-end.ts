import type { PositionJson, StateRecord } from '#domain/state-records';
import { idsOfKey, positionJson } from '#domain/state-records';
import type { PresenceView } from './presence-view.ts';
import type { TieSpan } from './tie-span.ts';
import { stands } from './tie-span.ts';

/**
 * What a tombstone means to a view that has not heard of the end before: a log keeps only the latest record of a key, so who
 * reads on after a day may find an end replaced by its tombstone. It is taken for an end `at` this position. Null: there is
 * nothing that the view would not know.
 */
export function missedEnd(key: string, presence: PresenceView, at: PositionJson): StateRecord | null {
  const { kind, ids } = idsOfKey(key);
  const [first = '', second = ''] = ids;
  switch (kind) {
    case 'member': {
      const span = presence.rooms.get(first)?.members.get(second);
      return stands(span) ? { kind, room_id: first, user_id: second, ...ended(span, at) } : null;
    }
    case 'invite': {
      const span = presence.invites.get(first)?.get(second);
      return stands(span)
        ? { kind, owner: first, observed: second, invitation: span.invitation, ...ended(span, at) }
        : null;
    }
    case 'answer': {
      const span = presence.answers.get(first)?.get(second);
      return stands(span)
        ? { kind, observed: first, owner: second, invitation: span.invitation, denied: null, ...ended(span, at) }
        : null;
    }
    case 'visibility': {
      const { showTo, blocked } = presence.choiceOf(first);
      const isDefault = showTo === 'everyone' && blocked.length === 0;
      return isDefault ? null : { kind, user_id: first, show_to: 'everyone', blocked: [], at };
    }
    case 'user':
      return presence.users.get(first)?.removedAt === null ? removed(first, at) : null;
    default:
      return null;
  }
}

function ended({ since }: TieSpan, until: PositionJson) {
  return { since: positionJson(since), until, earlier: null, until_ts: 0 };
}

function removed(userId: string, [offset, step]: PositionJson): StateRecord {
  const nothing = { presence: 'offline', currently_active: false, last_active_ts: null, status_msg: null } as const;
  return {
    kind: 'user',
    user_id: userId,
    ...nothing,
    at: offset,
    step,
    announced: offset,
    announcement: { ts: 0, ...nothing, offset, step, cause: { type: 'user.removed', offset } },
    applied: offset,
    manual: null,
    devices: [],
    removed_ts: 0,
  };
}
