import { LogUnavailableError } from '#message-log/errors';
import type { Batch, MessageLog, Start, Topic } from '#message-log/message-log';
import { spread } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { unavailable } from '#runtime/http/matrix-error';

const READ_MS_MAX = 10_000;
const RETRY_AFTER_MS = 1_000;

/**
 * Reads a partition for one answer, batch by batch, until `take` says that it has enough. Throws 503 when that takes more than
 * ten seconds, or the log cannot be read.
 */
export async function readForAnswer(
  log: Pick<MessageLog, 'follow'>,
  clock: Clock,
  topic: Topic,
  start: Start,
  take: (batch: Batch) => boolean,
): Promise<void> {
  const stop = new AbortController();
  const cancel = clock.after(READ_MS_MAX, () => stop.abort());
  let isEnough = false;
  try {
    await log.follow(
      topic,
      [start],
      (_, batch) => {
        isEnough ||= take(batch);
        if (isEnough) stop.abort();
        return Promise.resolve();
      },
      stop.signal,
    );
  } catch (error) {
    if (error instanceof LogUnavailableError) throw unavailable(error.message, spread(RETRY_AFTER_MS));
    throw error;
  } finally {
    cancel();
  }
  if (!isEnough) throw unavailable('The log could not be read in time. Try again.', spread(RETRY_AFTER_MS));
}
