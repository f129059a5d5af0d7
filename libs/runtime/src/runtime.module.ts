import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import { AUTHENTICATOR } from './auth/authenticator.ts';
import { configuredAuthenticator } from './auth/configured-authenticator.ts';
import type { Clock } from './clock/clock.ts';
import type { Config } from './config.ts';
import { HealthController } from './http/health.controller.ts';
import { ConnectionLimits } from './http/limits/connection-limits.ts';
import { RefusalLimits } from './http/limits/refusal-limits.ts';
import { WriteLimits } from './http/limits/write-limits.ts';
import { DocsController } from './http/openapi/docs.controller.ts';
import type { Log } from './log.ts';
import { Readiness, readyGauge } from './readiness.ts';
import { CLOCK, CONFIG, LOG, METRICS } from './tokens.ts';

/** What every app is given: configuration, clock, log, metrics, readiness, who is calling, and limits on callers. */
@Module({})
export class RuntimeModule {
  /** Throws a `ConfigError` when callers cannot be known as it is configured. */
  static with(config: Config, clock: Clock, log: Log): DynamicModule {
    const metrics = new Registry();
    collectDefaultMetrics({ register: metrics });
    const readiness = new Readiness();
    readyGauge(metrics, () => readiness.waitingFor().length === 0);
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: CLOCK, useValue: clock },
      { provide: LOG, useValue: log },
      { provide: METRICS, useValue: metrics },
      { provide: AUTHENTICATOR, useValue: configuredAuthenticator(config, clock, log) },
      ...limits(config, clock, metrics),
      { provide: Readiness, useValue: readiness },
    ];
    return {
      module: RuntimeModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: [HealthController, DocsController],
      providers,
      exports: providers,
    };
  }
}

/** Limits on callers, each an injectable of its class. They count within this process. */
function limits(config: Config, clock: Clock, metrics: Registry) {
  const refused = new Counter({
    name: 'presently_limited_total',
    help: 'Requests that were answered with 429 because a caller went over a limit.',
    labelNames: ['limit'],
    registers: [metrics],
  });
  const countAs = (limit: string) => {
    refused.inc({ limit }, 0); // so that it is there from the start
    return () => refused.inc({ limit });
  };
  const badTokensPerS = config.PRESENTLY_AUTH === 'dev' ? 0 : config.PRESENTLY_REFUSED_TOKENS_PER_S; // dev has no secrets
  const instances = [
    new WriteLimits(clock, config.PRESENTLY_USER_WRITES_PER_S, countAs('user_writes')),
    new ConnectionLimits(config.PRESENTLY_CONNECTIONS_PER_ADDRESS_MAX, countAs('connections_per_address')),
    new RefusalLimits(clock, badTokensPerS, countAs('refused_tokens')),
  ];
  return instances.map((instance) => ({ provide: instance.constructor, useValue: instance }));
}
