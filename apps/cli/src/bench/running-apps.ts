import { Delivery } from '#delivery/delivery';
import { ARCHIVE_POLICY } from '#domain/policy';
import type { MessageLog } from '#message-log/message-log';
import { Projector } from '#projector/projector';
import { sleep } from '#runtime/clock/clock';
import { systemClock } from '#runtime/clock/system-clock';
import { silentLog } from '#runtime/log';
import { timeMs } from './measure.ts';

const LOOK_EVERY_MS = 2;

/** Milliseconds until a projector has folded all that is in the log. */
export async function projectMs(log: MessageLog): Promise<number> {
  const projector = new Projector({ log, clock: systemClock, policy: ARCHIVE_POLICY, logger: silentLog });
  return whileRunning(projector, () => timeMs(() => until(() => hasFolded(projector, log))));
}

/** Milliseconds until a projector and a delivery node, started at once in one process, are both ready. */
export async function restoreMs(log: MessageLog): Promise<number> {
  const projector = new Projector({ log, clock: systemClock, policy: ARCHIVE_POLICY, logger: silentLog });
  const delivery = new Delivery({
    log,
    clock: systemClock,
    logger: silentLog,
    tokenKey: Buffer.alloc(32, 7),
    roomPolicy: { membersMax: 1_000, excluded: new Set() },
    flushMs: 5,
  });
  const startedAt = systemClock.elapsed();
  delivery.start();
  try {
    return await whileRunning(projector, async () => {
      await until(() => hasFolded(projector, log) && delivery.isReady);
      return systemClock.elapsed() - startedAt;
    });
  } finally {
    await delivery.stop();
  }
}

function hasFolded(projector: Projector, { partitionCount }: MessageLog): boolean {
  const lags = projector.lags();
  return projector.isCaughtUp && lags.length === partitionCount && lags.every(({ records }) => records === 0);
}

/** Rejects when the projector ends by itself. */
async function whileRunning<Result>(projector: Projector, work: () => Promise<Result>): Promise<Result> {
  const failed = projector.run().then((): never => {
    throw new Error('The projector has stopped.');
  });
  try {
    return await Promise.race([work(), failed]);
  } finally {
    failed.catch(() => undefined); // it is to stop now
    await projector.stop();
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(systemClock, LOOK_EVERY_MS);
}
