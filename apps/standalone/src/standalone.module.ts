import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { DeliveryModule } from '#delivery/delivery.module';
import { TOKEN_KEY } from '#delivery/token-key';
import { IngestModule } from '#ingest/ingest.module';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import { ProjectorModule } from '#projector/projector.module';
import type { Clock } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import type { Log } from '#runtime/log';
import { RuntimeModule } from '#runtime/runtime.module';

/** The three apps in one process, on one log. */
@Module({})
export class StandaloneModule {
  static with(config: Config, clock: Clock, logger: Log, log: MessageLog, tokenKey: Buffer): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        RuntimeModule.with(config, clock, logger),
        {
          module: LogModule,
          global: true,
          providers: [
            { provide: MESSAGE_LOG, useValue: log },
            { provide: TOKEN_KEY, useValue: tokenKey },
          ],
          exports: [MESSAGE_LOG, TOKEN_KEY],
        },
        IngestModule,
        ProjectorModule,
        DeliveryModule,
      ],
    };
  }
}

/** Gives the log to all modules. */
@Module({})
class LogModule {}
