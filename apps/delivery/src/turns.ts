import { tooMany } from '#runtime/http/matrix-error';

const WAITING_MAX = 10;
const RETRY_AFTER_MS = 1_000;

/** Lets what concerns the same key happen one after another, so that the next one sees what the one before has done. */
export class Turns {
  /** By key: how many wait or run, and the end of the last of them. */
  private readonly queues = new Map<string, { length: number; last: Promise<unknown> }>();

  /** Runs it when all that was given for the key before has ended. Throws 429 when too many wait. */
  async take<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
    const queue = this.queues.get(key) ?? { length: 0, last: Promise.resolve() };
    if (queue.length >= WAITING_MAX)
      throw tooMany('Too many such requests wait; send them one by one.', RETRY_AFTER_MS);
    this.queues.set(key, queue);
    queue.length++;
    const result = queue.last.then(run);
    queue.last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      queue.length--;
      if (queue.length === 0) this.queues.delete(key);
    }
  }
}
