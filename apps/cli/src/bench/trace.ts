import { Crowd } from '#standalone/demo/crowd';
import { readEventFile } from '../event-file.ts';

const START_AT = 1_349_049_600_000;
const STEP_MS = 30_000;
const BLOCK_EVENTS = 1_000;
const USER_ID = '"user_id":"@';

/** Events of a real or a synthetic crowd, as many times as are needed: each time with users of other names. */
export class Trace {
  private constructor(
    /** What it is called to people. */
    readonly name: string,
    private readonly events: readonly string[],
  ) {}

  /** The event file that TRACE_FILE names, else a synthetic crowd. */
  static async load(isQuick: boolean): Promise<Trace> {
    const file = process.env.TRACE_FILE ?? '';
    if (file === '')
      return new Trace('a synthetic crowd', isQuick ? syntheticEvents(2_000, 400) : syntheticEvents(40_000, 400));
    const events: string[] = [];
    for await (const lines of readEventFile(file)) events.push(...lines.map(({ text }) => text));
    return new Trace(
      file.replace(/^.*\//, ''),
      events.filter((text) => text.includes(USER_ID)),
    );
  }

  /**
   * At least so many events, in blocks of lines, in order of time: of each event of the trace there are as many in a row
   * as there are crowds. The lines are parts of one text, as when a file is read.
   */
  *blocks(eventsMin: number): Iterable<readonly string[]> {
    const crowds = Math.ceil(eventsMin / this.events.length);
    const step = Math.max(1, Math.floor(BLOCK_EVENTS / crowds));
    for (let at = 0; at < this.events.length; at += step) {
      const lines = this.events.slice(at, at + step).flatMap((event) => renamed(event, crowds));
      yield lines.join('\n').split('\n');
    }
  }
}

function renamed(event: string, crowds: number): string[] {
  const at = event.indexOf(USER_ID) + USER_ID.length;
  const [before, after] = [event.slice(0, at), event.slice(at)];
  return Array.from({ length: crowds }, (_, crowd) => `${before}${crowd}-${after}`);
}

function syntheticEvents(eventsMin: number, users: number): string[] {
  const crowd = new Crowd({ seed: 11, startAt: START_AT, users, sourceId: 'none' });
  const events: object[] = [...crowd.opening()];
  for (let now = START_AT; events.length < eventsMin; now += STEP_MS) events.push(...crowd.eventsUntil(now));
  // A file has no gateway that could keep renewing a lease.
  return events.map((event) => JSON.stringify({ ...event, source_id: undefined }));
}
