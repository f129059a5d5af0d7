import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Delivery } from '#delivery/delivery';
import { DeviceConnections } from '#delivery/devices/device-connections';
import { Admission } from '#delivery/websocket/admission';
import { FrameLimits } from '#delivery/websocket/frame-limits';
import { WebSocketEndpoint } from '#delivery/websocket/websocket-endpoint';
import { MemoryLog } from '#message-log/memory/memory-log';
import { DevAuthenticator } from '#runtime/auth/dev-authenticator';
import { refuseForeign } from '#runtime/auth/loopback-only';
import { ConnectionLimits } from '#runtime/http/limits/connection-limits';
import { RefusalLimits } from '#runtime/http/limits/refusal-limits';
import { WriteLimits } from '#runtime/http/limits/write-limits';
import type { Log } from '#runtime/log';
import { silentLog } from '#runtime/log';
import { EventWriter } from '#service/writing/event-writer';
import { readValues } from '../../../../test/contract/reading.ts';
import { MovableClock } from '../../../../test/support/movable-clock.ts';
import { Dialled } from '../../../../test/support/dialled.ts';

export interface StageOptions {
  readonly connectionsPerAddressMax?: number;
  /** False: the node has not begun to read the state. */
  readonly isReady?: boolean;
  readonly logger?: Log;
}

/** The endpoint on a real server and real sockets, with an empty log in memory, at a time that the test moves. */
export class Stage {
  readonly clock = new MovableClock();
  readonly log = new MemoryLog({ logId: 'log', partitionCount: 1, clock: this.clock });
  readonly delivery: Delivery;
  readonly devices: DeviceConnections;
  readonly endpoint: WebSocketEndpoint;
  readonly server: Server;
  url = '';
  private readonly dialled: Dialled[] = [];
  private readonly isStarted: boolean;

  constructor({ connectionsPerAddressMax = 0, isReady = true, logger = silentLog }: StageOptions = {}) {
    const { clock, log } = this;
    const writer = new EventWriter(log);
    const roomPolicy = { membersMax: 1_000, excluded: new Set<string>() };
    this.delivery = new Delivery({ log, clock, logger, tokenKey: Buffer.alloc(32, 7), roomPolicy, flushMs: 0 });
    this.isStarted = isReady;
    if (isReady) this.delivery.start();
    this.devices = new DeviceConnections({
      write: (events) => writer.append(events),
      clock,
      logger,
      isLive: true,
      sourceTtlMs: 30_000,
      activityEveryMs: 5_000,
    });
    const refusals = new RefusalLimits(clock, 1);
    this.endpoint = new WebSocketEndpoint({
      admission: new Admission(new DevAuthenticator(), refusals, this.delivery),
      delivery: this.delivery,
      devices: this.devices,
      writer,
      connectionLimits: new ConnectionLimits(connectionsPerAddressMax),
      writeLimits: new WriteLimits(clock, 10),
      frameLimits: new FrameLimits(clock),
      addressOf: ({ socket }) => socket.remoteAddress ?? '',
      requireNative: refuseForeign,
      clock,
      logger,
    });
    this.server = createServer((request, response) => void echo(request, response));
    this.endpoint.attach(this.server);
  }

  /** Listens on a free port. */
  async open(): Promise<this> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    while (this.isStarted && !this.delivery.isReady) await tick();
    return this;
  }

  /** A client that tries to connect. */
  dial(path: string, headers: Record<string, string> = {}): Dialled {
    const client = new Dialled(`${this.url}${path}`, headers);
    this.dialled.push(client);
    return client;
  }

  /** A client that is connected, as a user. */
  connect(user = '@u:x/D', query = ''): Promise<Dialled> {
    return this.dial(`/v1/ws${query}`, { authorization: `Bearer ${user}` }).opened();
  }

  /** The types of the events in the log, without those that only say that the node is alive. */
  async written(): Promise<string[]> {
    await tick();
    const events = (await readValues(this.log, 'events', 0)).map(
      (value) => JSON.parse(value) as Record<string, string>,
    );
    return events
      .filter(({ type }) => type !== 'source.alive')
      .map(({ type, presence, status_msg }) =>
        [type, presence, status_msg].filter((part) => part !== undefined).join(' '),
      );
  }

  async close(): Promise<void> {
    for (const { socket } of this.dialled) socket.terminate();
    await this.delivery.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Answers what was asked. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
  const { method, url, headers } = request;
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ method, url, headers, body }));
}

/** Lets everything that has nothing to wait for run until it waits. */
export function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
