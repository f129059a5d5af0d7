import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import type { Clock } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import { lagFault } from '#runtime/lag';
import type { Log } from '#runtime/log';
import { newLogPolicy, policyMismatch } from '#runtime/policy-config';
import { exitWith } from '#runtime/process';
import { Readiness } from '#runtime/readiness';
import { CLOCK, CONFIG, LOG, METRICS } from '#runtime/tokens';
import type { Images } from '#service/images/images';
import { IMAGES, imagesProvider } from '#service/images/provide-images';
import { logTimeFault } from './log-time.ts';
import { projectorMetrics } from './metrics.ts';
import { Projector } from './projector.ts';

const TOO_MUCH = 'it catches up when fewer events come, or, on Kafka, when more projectors share the partitions';

/** Folds `presence.events` into `presence.state`. */
@Module({
  providers: [
    imagesProvider,
    {
      provide: Projector,
      useFactory: (
        log: MessageLog,
        clock: Clock,
        config: Config,
        logger: Log,
        metrics: Registry,
        images: Images | null,
      ) => {
        const projector: Projector = new Projector({
          log,
          clock,
          logger,
          policy: newLogPolicy(config),
          refusePolicy: (policy) => policyMismatch(config, policy),
          observer: projectorMetrics(metrics, () => projector),
          images,
        });
        return projector;
      },
      inject: [MESSAGE_LOG, CLOCK, CONFIG, LOG, METRICS, IMAGES],
    },
  ],
})
export class ProjectorModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly projector: Projector,
    readiness: Readiness,
    @Inject(CONFIG) config: Config,
  ) {
    const secondsMax = config.PRESENTLY_READY_LAG_MS / 1_000;
    readiness.require(() =>
      projector.isCaughtUp
        ? lagFault('the projector', projector.lags(), secondsMax, TOO_MUCH)
        : 'the projector is catching up with the events',
    );
    readiness.require(() => logTimeFault(projector.logTimesAhead()));
  }

  onApplicationBootstrap(): void {
    this.projector.run().catch(exitWith);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.projector.stop();
  }
}
