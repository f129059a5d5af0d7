import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Caller } from '#runtime/auth/authenticator';
import { spread } from '#runtime/clock/chance';
import type { Cancel, Clock } from '#runtime/clock/clock';
import type { WriteLimits } from '#runtime/http/limits/write-limits';
import { badRequest, MatrixError } from '#runtime/http/matrix-error';
import type { Log } from '#runtime/log';
import type { EventWriter } from '#service/writing/event-writer';
import type { Connection } from '../connection.ts';
import type { Delivery } from '../delivery.ts';
import type { DeviceConnection } from '../devices/device-connection.ts';
import { NO_CONNECTION } from '../devices/device-connection.ts';
import { COME_BACK_MS } from '../come-back.ts';
import type { DeviceConnections } from '../devices/device-connections.ts';
import type { Admission, Admitted, Asked } from './admission.ts';
import type { AuthFrame, PresenceFrame } from './client-frame.ts';
import { readFrame } from './client-frame.ts';
import { closeCodeOf, RESTARTS } from './close-code.ts';
import type { FrameLimits } from './frame-limits.ts';
import { Heartbeat } from './heartbeat.ts';
import { toldError } from './told-error.ts';
import { WebSocketSink } from './websocket-sink.ts';

const AUTH_MS_MAX = 10_000;
/** A client that does not answer the end of its connection for so long is cut off. */
const CLOSE_MS_MAX = 1_000;
const BAD_FRAMES_MAX = 5;

/** What the sessions of a node share. */
export interface SessionServices {
  readonly admission: Admission;
  readonly delivery: Delivery;
  readonly devices: DeviceConnections;
  readonly writer: EventWriter;
  readonly writeLimits: WriteLimits;
  readonly frameLimits: FrameLimits;
  readonly clock: Clock;
  readonly logger: Log;
}

/** One client on a WebSocket: tells it what its subscription has, and writes down what it says of its user. */
export class WebSocketSession {
  private readonly sink: WebSocketSink;
  private readonly heartbeat: Heartbeat;
  private caller: Caller | null = null;
  private connection: Connection | null = null;
  private device: DeviceConnection = NO_CONNECTION;
  private isSeen = false;
  /** It has set the user's own presence to `unavailable`, which activity ends, but not a device that goes on as it was. */
  private isAway = false;
  /** Until the client is known; what it sends meanwhile waits for it. */
  private admitting: Promise<void> | null = null;
  private cancelAuthTimeout: Cancel = () => undefined;
  private cancelCutOff: Cancel = () => undefined;
  private cancelRefusal: Cancel = () => undefined;
  private badFrames = 0;
  /** It is closed, or is being: what still comes is not listened to. */
  private isEnded = false;

  constructor(
    /** Unique on this node. */
    private readonly id: string,
    private readonly socket: WebSocket,
    /** What the WebSocket writes to. */
    stream: Duplex,
    private readonly address: string,
    private readonly asked: Asked,
    private readonly services: SessionServices,
  ) {
    this.sink = new WebSocketSink(
      socket,
      stream,
      { drained: () => this.drained(), restarts: () => this.close(RESTARTS) },
      spread(COME_BACK_MS),
    );
    this.heartbeat = new Heartbeat(socket, services.clock);
    socket.on('pong', () => this.heartbeat.alive());
    socket.on('message', (message: Buffer, isBinary) => this.receive(message, isBinary));
    socket.on('close', () => this.end());
    socket.on('error', () => undefined); // a message that is too long, or no UTF-8: ws closes the connection, and says why
  }

  /** Waits for the client's first frame, which says who it is. */
  awaitAuth(): void {
    this.cancelAuthTimeout = this.services.clock.after(AUTH_MS_MAX, () => {
      this.fail(needsAuth(`No token has come for ${AUTH_MS_MAX / 1_000} s.`));
    });
  }

  /** Begins to tell the client. */
  open({ caller, start, setPresence, whenRefused }: Admitted): void {
    if (this.isEnded) return;
    const { delivery, devices } = this.services;
    try {
      this.caller = caller;
      this.connection = delivery.connect(caller.userId, start.since, this.sink);
      this.device = devices.open(caller, setPresence);
      this.isSeen = setPresence !== 'offline';
      if (start.reset !== null) this.sink.write({ type: 'reset', reason: start.reset });
      this.cancelRefusal = whenRefused((error) => this.fail(error));
      this.connection.pump();
    } catch (error) {
      this.fail(error);
    }
  }

  /** The server stops. */
  stop(): void {
    this.sink.end();
  }

  private receive(message: Buffer, isBinary: boolean): void {
    if (this.isEnded) return;
    this.heartbeat.alive();
    const { frameLimits } = this.services;
    if (!this.isWithin(() => frameLimits.take(this.id))) return;
    if (this.admitting === null) this.handle(message, isBinary);
    else void this.admitting.then(() => this.handle(message, isBinary));
  }

  private handle(message: Buffer, isBinary: boolean): void {
    if (this.isEnded) return;
    try {
      const frame = readFrame(message, isBinary);
      if (frame.type === 'active' && this.caller !== null) return this.device.active();
      if (!this.isWithin(() => this.services.frameLimits.takeNotActive(this.id))) return;
      if (this.caller === null) this.authenticate(frame.type === 'auth' ? frame : null);
      else if (frame.type === 'presence') this.setPresence(frame, this.caller);
      else throw badRequest('You are known already: send `auth` in the first frame only.');
    } catch (error) {
      this.complain(error);
    }
  }

  /** Ends the connection of a client that goes over a limit. */
  private isWithin(take: () => void): boolean {
    try {
      take();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  private authenticate(frame: AuthFrame | null): void {
    if (frame === null) return this.fail(needsAuth('The first frame has to say who you are.'));
    this.cancelAuthTimeout();
    this.socket.pause(); // else what it sends meanwhile would have to be kept
    const { since = this.asked.since, set_presence = this.asked.set_presence } = frame;
    this.admitting = this.services.admission
      .admit(this.address, frame.token, { since, set_presence })
      .then((admitted) => this.open(admitted))
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.admitting = null;
        this.socket.resume();
      });
  }

  /** What the client says of itself is its device's; with a text, or to be seen by nobody, it is the user's own choice. */
  private setPresence({ presence, status_msg }: PresenceFrame, caller: Caller): void {
    if (presence !== 'offline' && !this.isSeen) {
      this.device = this.services.devices.open(caller, presence);
      this.isSeen = true;
    } else if (presence === 'online' || (presence === 'unavailable' && status_msg === undefined)) {
      this.device.says(presence);
    }
    if (presence === 'online' && this.isAway) this.device.active();
    this.isAway = presence === 'unavailable' && (status_msg !== undefined || this.isAway);
    if (presence === 'offline' || status_msg !== undefined) {
      this.services.writeLimits.take(caller.userId);
      const device = caller.deviceId === null ? {} : { device_id: caller.deviceId };
      const text = status_msg === undefined ? {} : { status_msg };
      this.services.writer
        .write([{ type: 'status.set', user_id: caller.userId, ...device, presence, ...text }])
        .catch((error: unknown) => this.complain(error));
    }
  }

  /** Tells the client of an error. One that sends what cannot be read again and again is not listened to any longer. */
  private complain(error: unknown): void {
    const status = error instanceof MatrixError ? error.getStatus() : null;
    if (status === null || (status === 400 && ++this.badFrames >= BAD_FRAMES_MAX)) this.fail(error);
    else this.tell(error);
  }

  private fail(error: unknown): void {
    if (this.isEnded) return;
    const status = this.tell(error);
    this.close(closeCodeOf(status));
  }

  private close(code: number): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.socket.close(code);
    this.cancelCutOff = this.services.clock.after(CLOSE_MS_MAX, () => this.socket.terminate());
  }

  private tell(error: unknown): number {
    const { status, body } = toldError(error, this.services.logger);
    this.sink.write({ type: 'error', ...body });
    return status;
  }

  private drained(): void {
    this.heartbeat.alive(); // so much was waiting that only a peer that reads can have made room
    this.connection?.drained();
  }

  private end(): void {
    this.isEnded = true;
    this.cancelAuthTimeout();
    this.cancelCutOff();
    this.cancelRefusal();
    this.heartbeat.stop();
    this.device.close();
    if (this.connection !== null) this.services.delivery.disconnect(this.connection);
  }
}

function needsAuth(why: string): MatrixError {
  return new MatrixError(401, 'M_MISSING_TOKEN', `${why} Send {"type":"auth","token":"…"}.`);
}
