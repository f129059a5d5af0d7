import type { PresenceEvent } from '#domain/events';
import { EventWriter } from '#service/writing/event-writer';
import { LogUnavailableError } from '#message-log/errors';
import type { MemoryLogOptions } from '#message-log/memory/memory-log';
import { MemoryLog } from '#message-log/memory/memory-log';
import type { Appended, NewRecord, Topic } from '#message-log/message-log';
import { yieldToOthers } from '#runtime/clock/system-clock';
import type { Log } from '#runtime/log';
import { silentLog } from '#runtime/log';
import { Demo } from '#standalone/demo/demo';
import { MovableClock } from '../../../../test/support/movable-clock.ts';

export const USERS = 30;

class UnreliableLog extends MemoryLog {
  isFailing = false;

  override append(topic: Topic, records: readonly NewRecord[]): Promise<Appended[]> {
    return this.isFailing ? Promise.reject(new LogUnavailableError('No.')) : super.append(topic, records);
  }
}

/** A demo on a log of its own, of which a test moves the clock. */
export class Stage {
  readonly clock = new MovableClock();
  readonly startAt = this.clock.now();
  readonly log: UnreliableLog;
  readonly demo: Demo;

  constructor(options: Partial<MemoryLogOptions> = {}, logger: Log = silentLog, users = USERS) {
    this.log = new UnreliableLog({ logId: 'demo', partitionCount: 1, clock: this.clock, ...options });
    this.demo = new Demo(new EventWriter(this.log), this.clock, logger, users);
    this.demo.start();
  }

  /** Lets time pass in small steps, and everything happen that falls due. */
  async pass(ms: number): Promise<void> {
    for (const end = this.clock.now() + ms; this.clock.now() < end; this.clock.move(100)) await settle();
    await settle();
  }

  /** What was written, with the log's time. */
  async written(): Promise<{ readonly t: number; readonly event: PresenceEvent }[]> {
    const written: { t: number; event: PresenceEvent }[] = [];
    for await (const { records } of this.log.read('events', 0, 0)) {
      for (const { timestamp, value } of records) {
        written.push({ t: timestamp, event: JSON.parse(String(value)) as PresenceEvent });
      }
    }
    return written;
  }

  async events(): Promise<PresenceEvent[]> {
    return (await this.written()).map(({ event }) => event);
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await yieldToOthers();
}
