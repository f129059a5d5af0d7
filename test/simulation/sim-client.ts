import type { Connection, FrameSink } from '#delivery/connection';
import type { DeviceConnection, SetPresence } from '#delivery/devices/device-connection';
import type { Frame } from '#delivery/frame';
import type { Place } from '#delivery/place';
import type { SyncEvent } from '#delivery/sync/sync-events';
import { syncEvents } from '#delivery/sync/sync-events';
import type { SeededRandom } from '#runtime/clock/seeded-random';
import type { DeliveryNode } from './delivery-node.ts';
import type { Happening, Sent } from './happenings.ts';

/** How a client that polls asks, and whether the answer gets lost on its way. */
export interface Asking {
  /** Its device is connected by it. */
  readonly asksForDevice: boolean;
  /** As a Matrix client, to whom rooms that convey nothing are no answer. */
  readonly isSync: boolean;
  readonly tellAll: boolean;
  readonly snapshotUsersMax: number;
  readonly timeoutMs: number;
  readonly isLost: boolean;
}

export type Beginning = 'fresh' | 'resumed' | 'reset' | 'refused' | 'cut';

const BUFFERED_FRAMES_MAX = 3;

/**
 * A client that streams with a small buffer, which it reads when the world lets it, or polls, as it likes each time: it
 * goes on from its last token either way.
 */
export class SimClient implements FrameSink {
  token: string | null = null;
  readonly happenings: Happening[] = [];
  /** The node it is connected to, or asks. */
  node: DeliveryNode | null = null;
  private connection: Connection | null = null;
  private device: DeviceConnection | null = null;
  private endPoll: () => void = () => undefined;
  private leaving: AbortController | null = null;
  private buffered: { readonly sent: Sent; readonly token: string | null }[] = [];
  private mustWait = false;
  private leftAt = -Infinity;
  /** Grows whenever the client gives up, or is given up: what comes after that is lost. */
  private attempt = 0;

  constructor(
    readonly userId: string,
    readonly deviceId: string,
    private readonly setPresence: SetPresence,
    /** By the world's clock, which nobody sets. */
    private readonly now: () => number,
  ) {}

  /** Whether the log has to have its device: while it streams, or a poll is open. */
  get isConnected(): boolean {
    return this.node !== null && this.setPresence !== 'offline';
  }

  /** For how long it is not connected, milliseconds; 0 when it is. */
  get awayMs(): number {
    return this.node === null ? this.now() - this.leftAt : 0;
  }

  get hasUnread(): boolean {
    return this.buffered.length > 0;
  }

  send(frames: readonly Frame[], token: string | null): boolean {
    const { node } = this;
    if (node === null) throw new Error('A node sends to a client that is gone.');
    if (this.mustWait) this.happenings.push({ type: 'sent although full' });
    frames.forEach((frame, index) => {
      const sent = { frame, cursor: node.cursor, now: node.now };
      this.buffered.push({ sent, token: index === frames.length - 1 ? token : null });
    });
    if (this.buffered.length < BUFFERED_FRAMES_MAX) return true;
    this.mustWait = true;
    return false;
  }

  /** The server ends the stream: what was sent before still arrives. */
  end(): void {
    this.attempt++;
    this.device?.close();
    this.endPoll();
    this.device = null;
    this.connection = null;
    this.node = null;
    this.leftAt = this.now();
  }

  async stream(node: DeliveryNode): Promise<Beginning> {
    const start = await this.start(node);
    if (typeof start === 'string') return start;
    try {
      this.device = node.devices.open(this, this.setPresence);
    } catch {
      this.node = null; // too many wait to be written down
      return 'refused';
    }
    this.begins(start.since, node, false);
    this.connection = node.app.connect(this.userId, start.since, this);
    this.connection.pump();
    return beginningOf(start);
  }

  async poll(node: DeliveryNode, asking: Asking): Promise<Beginning> {
    const { asksForDevice, isSync, tellAll, snapshotUsersMax, timeoutMs, isLost } = asking;
    const start = await this.start(node);
    if (typeof start === 'string') return start;
    try {
      this.endPoll = node.devices.poll(this, asksForDevice ? this.setPresence : 'offline');
    } catch {
      this.node = null;
      return 'refused';
    }
    const { since } = start;
    const { attempt } = this;
    const options = { since, tellAll: tellAll || start.reset !== null, snapshotUsersMax, timeoutMs };
    this.begins(since, node, options.tellAll);
    this.leaving = new AbortController();
    const until = this.now() + timeoutMs;
    const sent: Sent[] = [];
    let { cursor } = node;
    const items = (frames: readonly Frame[]): (Frame | SyncEvent)[] => {
      ({ cursor } = node);
      for (const frame of frames) sent.push({ frame, cursor, now: node.now });
      return isSync ? syncEvents(frames) : [...frames];
    };
    const answer = await node.app.poll(this.userId, { ...options, items }, this.leaving.signal);
    const isCut = attempt !== this.attempt;
    for (const one of sent) this.happenings.push({ type: isCut || isLost ? 'lost' : 'received', sent: one });
    if (isCut) return 'cut';
    this.endPoll();
    this.node = null;
    this.leftAt = this.now();
    this.leaving = null;
    if (isLost) return beginningOf(start);
    const isWhole = options.tellAll || since === null || since.after !== null;
    const mayBeEmpty = isWhole || this.now() >= until || node.isStopping;
    if (answer.items.length === 0 && !mayBeEmpty) this.happenings.push({ type: 'answered for nothing' });
    this.take(answer.token, cursor);
    return beginningOf(start);
  }

  /** The client leaves, or its connection breaks: what was on the way is lost. */
  cut(): void {
    this.lose();
    this.leaving?.abort();
    if (this.connection !== null) this.node?.app.disconnect(this.connection);
    this.end();
  }

  /** The node has died. */
  nodeDied(): void {
    this.lose();
    this.end();
  }

  /** Its user does something, or its client says what it thinks of them. */
  act(random: SeededRandom): void {
    if (random.chance(0.5)) this.device?.active();
    else this.device?.says(random.pick(['online', 'unavailable']));
  }

  /** Reads what has arrived, and tells the server that there is room. */
  read(): void {
    this.mustWait = false;
    const wasFull = this.buffered.length >= BUFFERED_FRAMES_MAX;
    for (const { sent, token } of this.buffered.splice(0)) {
      this.happenings.push({ type: 'received', sent });
      if (token !== null) this.take(token, sent.cursor);
    }
    if (wasFull) this.connection?.drained();
  }

  private async start(node: DeliveryNode): Promise<Start | 'refused' | 'cut'> {
    this.lose(); // whoever comes anew reads no more of what came before
    const attempt = ++this.attempt;
    this.node = node;
    const start = await node.app.startOf(this.userId, this.token).catch(() => null);
    if (attempt !== this.attempt) return 'cut';
    if (start !== null && !node.isStopping) return start;
    this.node = null; // the node is behind the token (503), or takes nobody any more
    return 'refused';
  }

  private begins(since: Place | null, node: DeliveryNode, tellsAll: boolean): void {
    if (since === null) this.token = null;
    this.happenings.push({ type: 'began', token: this.token, since, cursor: node.cursor, tellsAll });
  }

  private take(token: string, cursor: Sent['cursor']): void {
    this.token = token;
    this.happenings.push({ type: 'token', token, cursor });
  }

  private lose(): void {
    this.mustWait = false;
    for (const { sent } of this.buffered.splice(0)) this.happenings.push({ type: 'lost', sent });
  }
}

type Start = Awaited<ReturnType<DeliveryNode['app']['startOf']>>;

function beginningOf({ since, reset }: Start): Beginning {
  if (reset !== null) return 'reset';
  return since === null ? 'fresh' : 'resumed';
}
