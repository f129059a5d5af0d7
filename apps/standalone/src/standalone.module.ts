import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { DeliveryModule } from '#delivery/delivery.module';
import { IngestModule } from '#ingest/ingest.module';
import type { MessageLog } from '#message-log/message-log';
import { ProjectorModule } from '#projector/projector.module';
import type { Clock } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import type { Log } from '#runtime/log';
import { RuntimeModule } from '#runtime/runtime.module';
import { FileImages } from '#service/images/file-images';
import { LogModule } from '#service/log.module';

/** The three apps in one process, on one log. */
@Module({})
export class StandaloneModule {
  /** `signInAs` as in `DeliveryModule`. */
  static with(
    config: Config,
    clock: Clock,
    logger: Log,
    log: MessageLog,
    tokenKey: Buffer,
    signInAs: string | null,
  ): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        RuntimeModule.with(config, clock, logger),
        LogModule.with(log, new FileImages(config.PRESENTLY_IMAGES ?? join(config.PRESENTLY_DATA, 'images'))),
        IngestModule,
        ProjectorModule,
        DeliveryModule.with(tokenKey, signInAs),
      ],
    };
  }
}
