import type { DeviceConnectionsOptions } from '#delivery/devices/device-connections';
import { DeviceConnections } from '#delivery/devices/device-connections';
import type { EventType, PresenceEvent } from '#domain/events';
import { decodeText } from '#domain/events';
import type { FoldOptions } from '#domain/fold';
import { Fold } from '#domain/fold';
import { LIVE_POLICY } from '#domain/policy';
import { publicState } from '#domain/presence';
import { LogUnavailableError } from '#message-log/errors';
import type { Appended, NewRecord, Topic } from '#message-log/message-log';
import { MemoryLog } from '#message-log/memory/memory-log';
import { silentLog } from '#runtime/log';
import { EventWriter } from '#service/writing/event-writer';
import { readAll } from '../../../../test/contract/reading.ts';
import { MovableClock } from '../../../../test/support/movable-clock.ts';

/**
 * `before`: nothing is written; `after`: it is, though the answer is an error; `late`: the same, but only with what is written
 * next, and behind it; `hangs`: no answer until `resume`.
 */
export type Failure = 'before' | 'after' | 'late' | 'hangs';

/** A log that fails when it is told to. */
class FaultyLog extends MemoryLog {
  failure: Failure | null = null;
  attempts = 0;
  private waiting: (() => void)[] = [];
  private late: NewRecord[] = [];

  override async append(topic: Topic, records: readonly NewRecord[]): Promise<Appended[]> {
    this.attempts++;
    if (this.failure === 'before') throw new LogUnavailableError('The log is away.');
    if (this.failure === 'hangs') await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failure === 'late') {
      this.late.push(...records);
      throw new LogUnavailableError('The log is slow.');
    }
    const appended = await super.append(topic, records);
    await super.append(topic, this.late.splice(0));
    if (this.failure === 'after') throw new LogUnavailableError('The log is away, perhaps.');
    return appended;
  }

  resume(): void {
    this.failure = null;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

const START_AT = 1_700_000_000_000;
const STEP_MS = 100;
const SHORT: Partial<Record<EventType, string>> = {
  'source.alive': 'alive',
  'source.gone': 'gone',
  'device.connected': 'connected',
  'device.disconnected': 'disconnected',
  'device.active': 'active',
  'device.presence': 'presence',
};

/** A node's device connections on a log in memory, at a time that the test moves. Times are seconds from the start. */
export class Stage {
  readonly clock = new MovableClock(START_AT);
  readonly log = new FaultyLog({ logId: 'log', partitionCount: 1, clock: this.clock });
  readonly devices: DeviceConnections;
  /** By how much the node's clock is wrong, milliseconds. */
  skewMs = 0;
  private readonly sources = new Map<string, number>();
  private readonly connections = new Map<string, number>();
  private read = 0;

  constructor(options: Partial<DeviceConnectionsOptions> = {}) {
    const writer = new EventWriter(this.log);
    this.devices = new DeviceConnections({
      write: (events) => writer.append(events),
      clock: {
        now: () => this.clock.now() + this.skewMs,
        elapsed: () => this.clock.elapsed(),
        after: (ms, run) => this.clock.after(ms, run),
      },
      logger: silentLog,
      isLive: true,
      sourceTtlMs: 30_000,
      activityEveryMs: 5_000,
      ...options,
    });
  }

  open(device: string, setPresence?: 'online' | 'unavailable' | 'offline', userId = '@u:x') {
    return this.devices.open({ userId, deviceId: device }, setPresence);
  }

  poll(device: string, setPresence?: 'online' | 'unavailable' | 'offline'): () => void {
    return this.devices.poll({ userId: '@u:x', deviceId: device }, setPresence);
  }

  /** Time passes, and whatever has to happen in it does. */
  async pass(seconds: number): Promise<void> {
    await settle();
    for (let left = seconds * 1_000; left > 0; left -= STEP_MS) {
      this.clock.move(Math.min(left, STEP_MS));
      await settle();
    }
  }

  /** Events that were written, a line each, without those that only say that the source is alive. */
  async told(): Promise<string[]> {
    return (await this.lines()).filter((line) => !line.includes(' alive '));
  }

  /** Events that were written since the last call, a line each, such as `5 connected d1 #1 of s1`. */
  async lines(): Promise<string[]> {
    await settle();
    const records = await readAll(this.log, 'events', 0, this.read);
    this.read += records.length;
    return records.map(({ timestamp, value }) => {
      const decoded = decodeText(value?.toString() ?? null);
      if ('refused' in decoded) throw new Error(decoded.refused);
      return `${seconds(timestamp)} ${this.text(decoded.event)}`;
    });
  }

  /** What the fold makes of all that was written: the user's public state now, as text. */
  async presence(userId = '@u:x'): Promise<string> {
    const fold = await this.fold({ policy: LIVE_POLICY });
    const user = fold.user(userId);
    if (user === undefined) return 'unheard of';
    const { presence, currentlyActive, lastActiveTs } = publicState(user, this.clock.now(), fold.policy);
    const last = lastActiveTs === null ? 'never' : seconds(lastActiveTs);
    return `${presence}${currentlyActive ? ' active' : ''} last ${last}`;
  }

  /** What the fold announced of the user up to now, a line each. */
  async announced(): Promise<string[]> {
    const { announcements } = (await this.fold({ policy: LIVE_POLICY })).drain();
    return announcements.map(
      ({ announcement: { ts, presence, currentlyActive } }) =>
        `${seconds(ts)} ${presence}${currentlyActive ? ' active' : ''}`,
    );
  }

  /** All that was written, folded up to now. */
  async fold(options: FoldOptions): Promise<Fold> {
    await settle();
    const fold = new Fold(options);
    for (const { offset, timestamp, key, value } of await readAll(this.log, 'events', 0)) {
      fold.apply({ offset, timestamp, key, decoded: decodeText(value?.toString() ?? null) });
    }
    fold.advanceTo(this.clock.now());
    return fold;
  }

  private text(event: PresenceEvent): string {
    const number = (numbers: Map<string, number>, id: string): number => {
      if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
      return numbers.get(id) ?? NaN;
    };
    return [
      SHORT[event.type] ?? event.type,
      ...('device_id' in event && event.device_id != null ? [event.device_id] : []),
      ...('connection_id' in event && event.connection_id != null
        ? [`#${number(this.connections, event.connection_id)}`]
        : []),
      ...('presence' in event && event.presence != null ? [event.presence] : []),
      ...('source_id' in event && event.source_id != null ? [`of s${number(this.sources, event.source_id)}`] : []),
      ...(event.ts == null ? [] : [`ts ${seconds(event.ts)}`]),
    ].join(' ');
  }
}

const seconds = (ms: number): number => (ms - START_AT) / 1_000;

/** Lets everything that has nothing to wait for run until it waits. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
