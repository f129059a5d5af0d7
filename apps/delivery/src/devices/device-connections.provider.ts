import type { Registry } from 'prom-client';
import { LIVE_POLICY } from '#domain/policy';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import type { Clock } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import type { Log } from '#runtime/log';
import { CLOCK, CONFIG, LOG, METRICS } from '#runtime/tokens';
import { EventWriter } from '#service/writing/event-writer';
import { Delivery } from '../delivery.ts';
import { DeviceConnections } from './device-connections.ts';
import { deviceMetrics } from './metrics.ts';

/** A shorter lease would be over at the least delay. */
const SOURCE_TTL_MS_MIN = 1_000;

/** Provides `DeviceConnections`. */
export const deviceConnectionsProvider = {
  provide: DeviceConnections,
  useFactory: (
    log: MessageLog,
    writer: EventWriter,
    delivery: Delivery,
    clock: Clock,
    logger: Log,
    config: Config,
    metrics: Registry,
  ): DeviceConnections => {
    const devices = new DeviceConnections({
      write: (events) => writer.append(events),
      clock,
      logger,
      isLive: log.kind === 'live',
      sourceTtlMs: Math.max(config.PRESENTLY_SOURCE_TTL_MS ?? LIVE_POLICY.sourceTtlMs, SOURCE_TTL_MS_MIN),
      activityEveryMs: config.PRESENTLY_ACTIVITY_EVERY_MS,
      policy: () => delivery.policy,
    });
    deviceMetrics(metrics, devices);
    return devices;
  },
  inject: [MESSAGE_LOG, EventWriter, Delivery, CLOCK, LOG, CONFIG, METRICS],
};
