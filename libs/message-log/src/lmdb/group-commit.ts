import type { RootDatabase } from 'lmdb';

const WRITES_PER_TRANSACTION_MAX = 1_000;

interface Write {
  readonly put: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes to LMDB, off this thread: what comes while one transaction is under way goes into the next together, so that
 * one flush to the disk serves many. One at a time, because a failed one can leave LMDB beyond use, and a transaction
 * that lmdb-js has queued behind it would then take a lock and never give it back.
 */
export class GroupCommit {
  private waiting: Write[] = [];
  private isRunning = false;
  private hasFailed = false;

  /** The database must be open without `overlappingSync` and `eventTurnBatching`. */
  constructor(private readonly root: RootDatabase<Buffer, Buffer>) {}

  /** Runs `put` within a transaction. Resolves with its result when that is on the disk; rejects when nothing of it is. */
  run<Result>(put: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ put, resolve: resolve as Write['resolve'], reject });
      if (!this.isRunning) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) await this.writeGroup();
    this.isRunning = false;
  }

  private async writeGroup(): Promise<void> {
    let group: readonly Write[] = [];
    const put = (): unknown[] => {
      group = this.waiting.splice(0, WRITES_PER_TRANSACTION_MAX);
      return group.map((write) => write.put());
    };
    try {
      if (this.hasFailed) this.checkUsable();
      // As a child, so that a `put` that throws leaves nothing; lmdb-js would commit what came before it.
      const results = await this.root.childTransaction(put);
      this.hasFailed = false;
      group.forEach(({ resolve }, index) => resolve(results[index]));
    } catch (error) {
      this.hasFailed = true;
      if (group.length === 0) group = this.waiting.splice(0);
      const cause = await causeOf(error as CommitError);
      for (const { reject } of group) reject(cause);
    }
  }

  /** Throws when LMDB is beyond use: a transaction on this thread says so, where one off it would hang. */
  private checkUsable(): void {
    try {
      this.root.transactionSync(() => undefined);
    } catch (error) {
      throw new Error('its disk failed in the middle of a commit, and it can go on only after a restart', {
        cause: error,
      });
    }
  }
}

/** What lmdb-js rejects with when a commit failed. The cause comes as a promise, which kills the process if left alone. */
type CommitError = Error & { commitError?: Promise<never> };

async function causeOf(error: CommitError): Promise<unknown> {
  return error.commitError === undefined ? error : error.commitError.catch((cause: unknown) => cause);
}
