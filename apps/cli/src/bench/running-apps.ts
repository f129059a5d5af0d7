import { Delivery } from '#delivery/delivery';
import { ARCHIVE_POLICY } from '#domain/policy';
import type { MessageLog } from '#message-log/message-log';
import { Projector } from '#projector/projector';
import { sleep } from '#runtime/clock/clock';
import { systemClock } from '#runtime/clock/system-clock';
import { silentLog } from '#runtime/log';
import type { ImageStore } from '#service/images/image';
import { Images } from '#service/images/images';
import { timeMs } from './measure.ts';

const LOOK_EVERY_MS = 2;

/** Milliseconds until a projector has folded all that is in the log. */
export async function projectMs(log: MessageLog): Promise<number> {
  const projector = newProjector(log, null);
  return whileRunning(projector, () => timeMs(() => until(() => hasFolded(projector, log))));
}

/** Milliseconds until a projector is ready, beginning from the images in `store`, or, without one, reading all of the state. */
export async function projectorReadyMs(log: MessageLog, store: ImageStore | null): Promise<number> {
  const projector = newProjector(log, store === null ? null : imagesIn(store, log));
  return whileRunning(projector, () => timeMs(() => until(() => hasFolded(projector, log))));
}

/** The same of a delivery node. */
export async function deliveryReadyMs(log: MessageLog, store: ImageStore | null): Promise<number> {
  const delivery = newDelivery(log, store === null ? null : imagesIn(store, log));
  const startedAt = systemClock.elapsed();
  delivery.start();
  try {
    await until(() => delivery.isReady);
    return systemClock.elapsed() - startedAt;
  } finally {
    await delivery.stop();
  }
}

/** The same of both, started at once in this process. */
export async function bothReadyMs(log: MessageLog, store: ImageStore | null): Promise<number> {
  return timeMs(() => Promise.all([projectorReadyMs(log, store), deliveryReadyMs(log, store)]));
}

/** Has both take their images. */
export async function takeImages(log: MessageLog, store: ImageStore): Promise<void> {
  let taken = 0;
  const logger = { ...silentLog, info: (event: string) => void (event === 'image.taken' && taken++) };
  const soon = { recordsMin: 1, everyMs: 100 };
  const images = (): Images => new Images({ store, log, clock: systemClock, logger, ...soon });
  const projector = newProjector(log, images());
  const delivery = newDelivery(log, images());
  delivery.start();
  try {
    await whileRunning(projector, () => until(() => taken >= log.partitionCount + 1));
  } finally {
    await delivery.stop();
  }
}

const imagesIn = (store: ImageStore, log: MessageLog): Images =>
  new Images({ store, log, clock: systemClock, logger: silentLog });

function newProjector(log: MessageLog, images: Images | null): Projector {
  return new Projector({ log, clock: systemClock, policy: ARCHIVE_POLICY, logger: silentLog, images });
}

function newDelivery(log: MessageLog, images: Images | null): Delivery {
  return new Delivery({
    log,
    clock: systemClock,
    logger: silentLog,
    tokenKey: Buffer.alloc(32, 7),
    roomPolicy: { membersMax: 1_000, excluded: new Set() },
    flushMs: 5,
    images,
  });
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
