import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { AUTHENTICATOR } from './auth/authenticator.ts';
import { DevAuthenticator } from './auth/dev-authenticator.ts';
import type { Clock } from './clock/clock.ts';
import type { Config } from './config.ts';
import { HealthController } from './http/health.controller.ts';
import type { Log } from './log.ts';
import { Readiness } from './readiness.ts';
import { CLOCK, CONFIG, LOG, METRICS } from './tokens.ts';

/** What every app is given: configuration, clock, log, metrics, readiness, and who is calling. */
@Module({})
export class RuntimeModule {
  static with(config: Config, clock: Clock, log: Log): DynamicModule {
    const metrics = new Registry();
    collectDefaultMetrics({ register: metrics });
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: CLOCK, useValue: clock },
      { provide: LOG, useValue: log },
      { provide: METRICS, useValue: metrics },
      { provide: AUTHENTICATOR, useValue: new DevAuthenticator(config.PRESENTLY_UPSTREAM_TOKENS) },
      Readiness,
    ];
    return { module: RuntimeModule, global: true, controllers: [HealthController], providers, exports: providers };
  }
}
