import type { BeforeApplicationShutdown, DynamicModule, OnApplicationBootstrap } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import type { Clock } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import type { Log } from '#runtime/log';
import { Readiness } from '#runtime/readiness';
import { CLOCK, CONFIG, LOG, METRICS } from '#runtime/tokens';
import { WriterModule } from '#service/writing/writer.module';
import { Delivery } from './delivery.ts';
import { deliveryMetrics } from './metrics.ts';
import { GetStatusController } from './status.controller.ts';
import { StreamController } from './stream.controller.ts';
import { TOKEN_KEY } from './token-key.ts';

/** Reads `presence.state`, and tells those who may know. */
@Module({
  imports: [WriterModule],
  controllers: [StreamController, GetStatusController],
  providers: [
    {
      provide: Delivery,
      useFactory: (log: MessageLog, clock: Clock, logger: Log, config: Config, tokenKey: Buffer, metrics: Registry) => {
        const delivery = new Delivery({
          log,
          clock,
          logger,
          tokenKey,
          roomPolicy: {
            membersMax: config.PRESENTLY_ROOM_MEMBERS_MAX,
            excluded: new Set(config.PRESENTLY_ROOMS_EXCLUDED),
          },
          flushMs: config.PRESENTLY_FLUSH_MS,
        });
        deliveryMetrics(metrics, delivery);
        return delivery;
      },
      inject: [MESSAGE_LOG, CLOCK, LOG, CONFIG, TOKEN_KEY, METRICS],
    },
  ],
})
export class DeliveryModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** `tokenKey` seals resume tokens: 32 bytes, the same on every node. */
  static with(tokenKey: Buffer): DynamicModule {
    return { module: DeliveryModule, providers: [{ provide: TOKEN_KEY, useValue: tokenKey }] };
  }

  constructor(
    private readonly delivery: Delivery,
    readiness: Readiness,
  ) {
    readiness.require(() => delivery.fault);
  }

  onApplicationBootstrap(): void {
    this.delivery.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.delivery.stop();
  }
}
