import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import type { Clock } from '#runtime/clock/clock';
import type { Log } from '#runtime/log';
import { CLOCK, LOG } from '#runtime/tokens';
import type { ImageStore } from './image.ts';
import { Images } from './images.ts';

/** Injection token of an `ImageStore`, or null. */
export const IMAGE_STORE = Symbol('IMAGE_STORE');

/** Injection token of an app's own `Images`, or null where there is no place for them. */
export const IMAGES = Symbol('IMAGES');

/** Each app has its own, which begins and stops with it. */
export const imagesProvider = {
  provide: IMAGES,
  useFactory: (store: ImageStore | null, log: MessageLog, clock: Clock, logger: Log): Images | null =>
    store === null ? null : new Images({ store, log, clock, logger }),
  inject: [IMAGE_STORE, MESSAGE_LOG, CLOCK, LOG],
};
