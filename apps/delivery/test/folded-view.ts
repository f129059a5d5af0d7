import type { UserEvent } from '#domain/events';
import { Fold } from '#domain/fold';
import { checkpointRecord, toRecords } from '#domain/state-records';
import { PresenceView } from '#delivery/presence-view';

/** What a node knows after these events, each a second after the one before, in one partition. */
export function foldedView(...events: readonly UserEvent[]): PresenceView {
  const fold = new Fold();
  const view = new PresenceView(1, { membersMax: 1_000, excluded: new Set() });
  for (const [offset, event] of events.entries()) {
    fold.begin({ offset, timestamp: offset * 1_000, key: event.user_id, decoded: { event } });
    while (!fold.advance(Infinity));
    const checkpoint = checkpointRecord('log', fold.checkpoint());
    for (const { value } of toRecords(fold.drain(), checkpoint)) if (value !== null) view.apply(value);
  }
  return view;
}

export const invited = (user_id: string, observed: string, invitation: string): UserEvent => ({
  type: 'list.invited',
  user_id,
  observed,
  invitation,
});
export const dropped = (user_id: string, observed: string, invitation: string): UserEvent => ({
  type: 'list.dropped',
  user_id,
  observed,
  invitation,
});
export const accepted = (user_id: string, owner: string, invitation: string): UserEvent => ({
  type: 'list.accepted',
  user_id,
  owner,
  invitation,
});
export const denied = (user_id: string, owner: string, invitation: string): UserEvent => ({
  type: 'list.denied',
  user_id,
  owner,
  invitation,
});
