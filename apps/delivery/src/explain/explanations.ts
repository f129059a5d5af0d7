import { explain } from '#domain/explain';
import type { Explanation } from '#domain/explanation.schemas';
import { fillUser } from '#domain/restore';
import type { Source, User } from '#domain/state';
import { newSource, newUser } from '#domain/state';
import type { CheckpointRecord, UserRecord } from '#domain/state-records';
import { LIVE_POLICY } from '#domain/policy';
import { spread } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { unavailable } from '#runtime/http/matrix-error';
import type { Delivery } from '../delivery.ts';
import type { UserRecords } from './user-records.ts';
import type { WatcherExplanation } from './explain.schemas.ts';
import { explainWatcher } from './watcher.ts';

const WAIT_MS_MAX = 5_000;
const RETRY_AFTER_MS = 1_000;

/** Why a user is shown as they are. What delivery does not keep of the user it reads from the log for each answer. */
export class Explanations {
  constructor(
    private readonly delivery: Delivery,
    private readonly records: UserRecords,
    private readonly clock: Clock,
  ) {}

  /** As of now, with all that was accepted before. Throws 429 and 503 as `UserRecords`, and 503 when the node is behind the log. */
  async of(userId: string): Promise<Explanation> {
    const until = this.clock.elapsed() + WAIT_MS_MAX;
    const presence = await this.delivery.upToDate([userId]);
    const partition = presence.partitionOf(userId);
    const recordAt = (): number | undefined => presence.users.get(userId)?.recordAt;
    for (;;) {
      const at = recordAt();
      const record = at === undefined ? undefined : await this.records.at(partition, at);
      // As long as the view has no newer record of this user, the last checkpoint goes with this one.
      if (record !== null && recordAt() === at) return this.explained(userId, partition, record);
      const leftMs = until - this.clock.elapsed();
      if (leftMs <= 0)
        throw unavailable('The user changes too fast to be explained. Try again.', spread(RETRY_AFTER_MS));
      if (recordAt() === at) await this.delivery.nextCheckpoint(leftMs); // the newer one comes with it
    }
  }

  /** Whether a watcher sees the user, and why. `toUpstream`: to a service that may know who is in which room. */
  async watcher(userId: string, watcher: string, toUpstream: boolean): Promise<WatcherExplanation> {
    return explainWatcher(await this.delivery.upToDate([userId, watcher]), userId, watcher, toUpstream);
  }

  private explained(userId: string, partition: number, record: UserRecord | undefined): Explanation {
    const checkpoint = this.delivery.checkpointOf(partition);
    return explain(userId, record && userOf(record, checkpoint), {
      policy: checkpoint?.policy ?? LIVE_POLICY,
      logTime: checkpoint?.t ?? 0,
      partition,
      nextOffset: checkpoint?.next[0] ?? 0,
    });
  }
}

/** The user as the fold has it; undefined when the account was removed. */
function userOf(record: UserRecord, checkpoint: CheckpointRecord | undefined): User | undefined {
  if (record.removed_ts !== undefined) return undefined;
  const ends = new Map(checkpoint?.sources);
  const user = newUser(record.user_id);
  fillUser(user, record, (id): Source => ({ ...newSource(id), leaseEnd: ends.get(id) ?? -1 }));
  return user;
}
