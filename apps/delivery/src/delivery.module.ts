import type { Server } from 'node:http';
import type { BeforeApplicationShutdown, DynamicModule, OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Registry } from 'prom-client';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import type { Clock } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import { lagFault } from '#runtime/lag';
import type { Log } from '#runtime/log';
import { Readiness } from '#runtime/readiness';
import { CLOCK, CONFIG, LOG, METRICS } from '#runtime/tokens';
import type { Images } from '#service/images/images';
import { IMAGES, imagesProvider } from '#service/images/provide-images';
import { EventWriter } from '#service/writing/event-writer';
import { WriterModule } from '#service/writing/writer.module';
import { ActiveController } from './active.controller.ts';
import { AsyncApiController } from './asyncapi/asyncapi.controller.ts';
import { CONSOLE_SIGN_IN, ConsoleController, consoleDirectoryProvider } from './console/console.controller.ts';
import { Delivery } from './delivery.ts';
import { DeviceConnections } from './devices/device-connections.ts';
import { deviceConnectionsProvider } from './devices/device-connections.provider.ts';
import { ListController } from './lists/list.controller.ts';
import { PresenceLists } from './lists/presence-lists.ts';
import { FilterController } from './matrix/filter.controller.ts';
import { StartUpController } from './matrix/start-up.controller.ts';
import { ExplainController } from './explain/explain.controller.ts';
import { Explanations } from './explain/explanations.ts';
import { UserRecords } from './explain/user-records.ts';
import { Histories } from './history/histories.ts';
import { HistoryController } from './history/history.controller.ts';
import { deliveryMetrics } from './metrics.ts';
import { QueryController } from './query.controller.ts';
import { MembersController } from './rooms/members.controller.ts';
import { RoomMembers } from './rooms/room-members.ts';
import { GetStatusController } from './status.controller.ts';
import { StreamController } from './stream.controller.ts';
import { SyncController } from './sync/sync.controller.ts';
import { TOKEN_KEY } from './token-key.ts';
import { GetVisibilityController } from './visibility.controller.ts';
import { WebSocketEndpoint } from './websocket/websocket-endpoint.ts';
import { webSocketEndpointProvider } from './websocket/websocket-endpoint.provider.ts';
import { WebSocketController } from './websocket/websocket.controller.ts';

const TOO_MUCH = 'it catches up when less changes, or when other nodes take some of its clients';

/** Reads `presence.state`, and tells those who may know. */
@Module({
  imports: [WriterModule],
  controllers: [
    StreamController,
    SyncController,
    WebSocketController,
    ActiveController,
    GetStatusController,
    ListController,
    GetVisibilityController,
    MembersController,
    QueryController,
    ExplainController,
    HistoryController,
    StartUpController,
    FilterController,
    AsyncApiController,
    ConsoleController,
  ],
  providers: [
    imagesProvider,
    {
      provide: Delivery,
      useFactory: (
        log: MessageLog,
        clock: Clock,
        logger: Log,
        config: Config,
        tokenKey: Buffer,
        metrics: Registry,
        images: Images | null,
      ) => {
        const delivery: Delivery = new Delivery({
          log,
          clock,
          logger,
          tokenKey,
          roomPolicy: {
            membersMax: config.PRESENTLY_ROOM_MEMBERS_MAX,
            excluded: new Set(config.PRESENTLY_ROOMS_EXCLUDED),
          },
          flushMs: config.PRESENTLY_FLUSH_MS,
          observer: deliveryMetrics(metrics, log.partitionCount, () => delivery),
          images,
        });
        return delivery;
      },
      inject: [MESSAGE_LOG, CLOCK, LOG, CONFIG, TOKEN_KEY, METRICS, IMAGES],
    },
    consoleDirectoryProvider,
    deviceConnectionsProvider,
    webSocketEndpointProvider,
    {
      provide: PresenceLists,
      useFactory: (delivery: Delivery, writer: EventWriter) => new PresenceLists(delivery, writer),
      inject: [Delivery, EventWriter],
    },
    {
      provide: Explanations,
      useFactory: (delivery: Delivery, log: MessageLog, clock: Clock) =>
        new Explanations(delivery, new UserRecords(log, clock), clock),
      inject: [Delivery, MESSAGE_LOG, CLOCK],
    },
    {
      provide: Histories,
      useFactory: (log: MessageLog, clock: Clock) => new Histories(log, clock),
      inject: [MESSAGE_LOG, CLOCK],
    },
    {
      provide: RoomMembers,
      useFactory: (delivery: Delivery, writer: EventWriter) => new RoomMembers(delivery, writer),
      inject: [Delivery, EventWriter],
    },
  ],
})
export class DeliveryModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /**
   * `tokenKey` seals resume tokens: 32 bytes, the same on every node. `signInAs` is a user's token with which the console signs
   * in by itself.
   */
  static with(tokenKey: Buffer, signInAs: string | null = null): DynamicModule {
    const providers = [
      { provide: TOKEN_KEY, useValue: tokenKey },
      { provide: CONSOLE_SIGN_IN, useValue: signInAs },
    ];
    return { module: DeliveryModule, providers };
  }

  constructor(
    private readonly delivery: Delivery,
    private readonly devices: DeviceConnections,
    private readonly webSockets: WebSocketEndpoint,
    private readonly http: HttpAdapterHost,
    readiness: Readiness,
    @Inject(CONFIG) config: Config,
  ) {
    const secondsMax = config.PRESENTLY_READY_LAG_MS / 1_000;
    readiness.require(() => delivery.fault ?? lagFault('delivery', delivery.lags(), secondsMax, TOO_MUCH));
  }

  onApplicationBootstrap(): void {
    this.delivery.start();
    this.webSockets.attach(this.http.httpAdapter.getHttpServer() as Server);
  }

  async beforeApplicationShutdown(): Promise<void> {
    const devicesStopped = this.devices.stop(); // before the streams close, or each would be a disconnect
    this.webSockets.stop();
    await this.delivery.stop();
    await devicesStopped;
  }
}
