import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR } from '#runtime/auth/authenticator';
import { foreignCheck } from '#runtime/auth/loopback-only';
import type { Clock } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import { clientAddress, trustProxy } from '#runtime/http/limits/client-address';
import { ConnectionLimits } from '#runtime/http/limits/connection-limits';
import { RefusalLimits } from '#runtime/http/limits/refusal-limits';
import { WriteLimits } from '#runtime/http/limits/write-limits';
import type { Log } from '#runtime/log';
import { CLOCK, CONFIG, LOG } from '#runtime/tokens';
import { EventWriter } from '#service/writing/event-writer';
import { Delivery } from '../delivery.ts';
import { DeviceConnections } from '../devices/device-connections.ts';
import { Admission } from './admission.ts';
import { FrameLimits } from './frame-limits.ts';
import { WebSocketEndpoint } from './websocket-endpoint.ts';

/** Provides the `WebSocketEndpoint`, which has to be attached to the HTTP server. */
export const webSocketEndpointProvider = {
  provide: WebSocketEndpoint,
  useFactory: (
    delivery: Delivery,
    devices: DeviceConnections,
    writer: EventWriter,
    connectionLimits: ConnectionLimits,
    refusals: RefusalLimits,
    writeLimits: WriteLimits,
    authenticator: Authenticator,
    clock: Clock,
    logger: Log,
    config: Config,
  ): WebSocketEndpoint =>
    new WebSocketEndpoint({
      admission: new Admission(authenticator, refusals, delivery),
      delivery,
      devices,
      writer,
      connectionLimits,
      writeLimits,
      frameLimits: new FrameLimits(clock),
      addressOf: clientAddress(trustProxy(config.PRESENTLY_TRUST_PROXY)),
      requireNative: foreignCheck(config),
      clock,
      logger,
    }),
  inject: [
    Delivery,
    DeviceConnections,
    EventWriter,
    ConnectionLimits,
    RefusalLimits,
    WriteLimits,
    AUTHENTICATOR,
    CLOCK,
    LOG,
    CONFIG,
  ],
};
