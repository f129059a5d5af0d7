import type { OnApplicationShutdown } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import type { Clock } from '#runtime/clock/clock';
import { Readiness } from '#runtime/readiness';
import { CLOCK, METRICS } from '#runtime/tokens';
import { EventWriter } from './event-writer.ts';
import { LogHealth } from './log-health.ts';
import { writerMetrics } from './metrics.ts';
import { WriteTurns } from './write-turns.ts';

/** Writes events to the log, and makes the process unready while the log cannot be written. */
@Module({
  providers: [
    {
      provide: LogHealth,
      useFactory: (log: MessageLog, clock: Clock) => new LogHealth(log, clock),
      inject: [MESSAGE_LOG, CLOCK],
    },
    {
      provide: EventWriter,
      useFactory: (log: MessageLog, health: LogHealth, metrics: Registry, clock: Clock) =>
        new EventWriter(log, health, writerMetrics(metrics), new WriteTurns(clock)),
      inject: [MESSAGE_LOG, LogHealth, METRICS, CLOCK],
    },
  ],
  exports: [EventWriter],
})
export class WriterModule implements OnApplicationShutdown {
  constructor(
    private readonly health: LogHealth,
    readiness: Readiness,
  ) {
    readiness.require(() => health.fault);
  }

  onApplicationShutdown(): void {
    this.health.stop();
  }
}
