import { ResumeTokens } from '#delivery/resume-token';
import { publicState } from '#domain/presence';
import type { Position } from '#domain/state';
import type { MessageLog, StoredRecord, Topic } from '#message-log/message-log';
import { SyncStream } from '../support/sync-stream.ts';
import { ClientCheck } from './client-checks.ts';
import { History } from './history.ts';
import { PartitionFold } from './partition-fold.ts';
import type { Ledger } from './ledger.ts';
import type { Stage } from './stage.ts';
import { TOKEN_KEY } from './stage.ts';
import type { Watcher } from './watcher.ts';

/** How late a deadline may be fired. */
const OVERDUE_MS_MAX = 3_000;

/** Reads on in the log, phase by phase, and says what is wrong with it, and with what clients heard. */
export class Examiner {
  private readonly history: History;
  private readonly partitions: readonly PartitionFold[];
  private readonly checks: Map<Watcher, ClientCheck>;
  /** By topic and partition. */
  private readonly readUpTo = new Map<string, number>();

  constructor(
    { logId, partitionCount }: Pick<MessageLog, 'logId' | 'partitionCount'>,
    private readonly ledger: Ledger,
    watchers: readonly Watcher[],
  ) {
    this.history = new History(partitionCount);
    this.partitions = Array.from(
      { length: partitionCount },
      (_, index) => new PartitionFold(logId, index, this.history),
    );
    const tokens = new ResumeTokens(Buffer.from(TOKEN_KEY, 'hex'), logId);
    this.checks = new Map(
      watchers.map((watcher) => {
        const isSync = watcher.Transport === SyncStream;
        return [watcher, new ClientCheck(watcher.name, watcher.userId, isSync, this.history, tokens)];
      }),
    );
  }

  get tokens(): number {
    return [...this.checks.values()].reduce((sum, { tokens }) => sum + tokens, 0);
  }

  /** Reads what has come since. Returns how many events are not folded yet. */
  async read(stage: Stage): Promise<number> {
    this.ledger.beginReading();
    return stage.read(async (log) => {
      const waiting = this.partitions.map(async (fold, partition) => {
        const state = await this.more(log, 'state', partition); // first: what follows from events that are not read yet would puzzle
        const events = await this.more(log, 'events', partition);
        for (const record of events) this.ledger.take(record);
        fold.takeEvents(events);
        fold.takeState(state);
        return fold.waitingCount;
      });
      return (await Promise.all(waiting)).reduce((sum, count) => sum + count, 0);
    });
  }

  /** What is wrong by now. `ghosts`: who has to be offline. */
  faults(ghosts: readonly string[], now: number): string[] {
    for (const [watcher, check] of this.checks) {
      watcher.drain();
      for (const heard of watcher.heard.splice(0)) check.take(heard, this.end);
    }
    return [
      ...this.ledger.faults(),
      ...this.partitions.flatMap(({ faults }) => faults),
      ...[...this.checks.values()].flatMap(({ faults }) => faults),
      ...this.overdue(now),
      ...ghosts
        .filter((userId) => this.presence(userId, now) !== 'offline')
        .map((userId) => `${userId} is still online`),
      ...[...this.checks.keys()]
        .filter(({ userId, setPresence }) => setPresence !== 'offline' && this.presence(userId, now) === 'offline')
        .map(({ name }) => `${name} is connected, and offline`),
    ];
  }

  /** What clients do not believe, and have to when nothing has come for a while. */
  finalFaults(): string[] {
    return [...this.checks.values()].flatMap((check) => check.finalFaults(this.end));
  }

  /** Forgets what nobody will ask for. */
  forget(): void {
    this.history.forgetBefore([...this.checks.values()].flatMap(({ cursor }) => (cursor === null ? [] : [cursor])));
  }

  private get end(): Position[] {
    return this.partitions.map(({ fold }) => fold.position);
  }

  private presence(userId: string, now: number): string {
    const fold = this.partitions[this.history.partitionOf(userId)]?.fold;
    const user = fold?.user(userId);
    return fold === undefined || user === undefined ? 'offline' : publicState(user, now, fold.policy).presence;
  }

  private overdue(now: number): string[] {
    return this.partitions.flatMap(({ fold }, partition) => {
      const lateMs = now - fold.nextDeadlineAt();
      return lateMs > OVERDUE_MS_MAX
        ? [`partition ${partition} has a deadline that nobody fired for ${lateMs} ms`]
        : [];
    });
  }

  private async more(log: MessageLog, topic: Topic, partition: number): Promise<StoredRecord[]> {
    const place = `${topic} ${partition}`;
    const all: StoredRecord[] = [];
    for await (const { records, next } of log.read(topic, partition, this.readUpTo.get(place) ?? 0)) {
      all.push(...records);
      this.readUpTo.set(place, next);
    }
    return all;
  }
}
