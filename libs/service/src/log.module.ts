import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import type { ImageStore } from './images/image.ts';
import { IMAGE_STORE } from './images/provide-images.ts';

/** Gives the log to all modules, and the place for images of what follows from it, if there is one. */
@Module({})
export class LogModule {
  static with(log: MessageLog, images: ImageStore | null): DynamicModule {
    const providers = [
      { provide: MESSAGE_LOG, useValue: log },
      { provide: IMAGE_STORE, useValue: images },
    ];
    return { module: LogModule, global: true, providers, exports: providers };
  }
}
