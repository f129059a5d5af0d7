import { stateOf } from '#analysis/fold-state';
import type { WatcherExplanation } from '#delivery/explain/explain.schemas';
import { explainWatcher } from '#delivery/explain/watcher';
import { PresenceView } from '#delivery/presence-view';
import type { Fold } from '#domain/fold';
import { readConfig } from '#runtime/config';

/**
 * Whether a watcher sees a user after these folds, which are all partitions, and why, as a delivery node with the settings of
 * this environment says it to upstream services.
 */
export function watcherAfter(folds: readonly Fold[], userId: string, watcher: string): WatcherExplanation {
  const { PRESENTLY_ROOM_MEMBERS_MAX: membersMax, PRESENTLY_ROOMS_EXCLUDED: excluded } = readConfig(process.env);
  const view = new PresenceView(folds.length, { membersMax, excluded: new Set(excluded) });
  for (const fold of folds) for (const record of stateOf(fold, '')) view.apply(record);
  return explainWatcher(view, userId, watcher, true);
}
