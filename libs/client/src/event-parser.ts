/** A server-sent event, as far as it matters here: its name is also in the data. */
export interface ServerSentEvent {
  readonly id: string | null;
  readonly data: string;
}

/** A server whose event is longer, in characters, is none of ours. */
const EVENT_LENGTH_MAX = 16 * 1024 * 1024;

/** Reads server-sent events (HTML standard, section 9.2.6) from text that comes in pieces. */
export class EventParser {
  /** When the server wants its clients back after the end of the stream, milliseconds; null: it has not said. */
  retryMs: number | null = null;
  private rest = '';
  private id: string | null = null;
  private data: string[] = [];
  private dataLength = 0;

  /** Returns the events that the text completes. Throws when one is too long. */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    this.rest += text;
    let from = 0;
    // A CR at the very end may be half of a CRLF.
    for (const { 0: end, index } of this.rest.matchAll(/\r\n|\n|\r(?!$)/g)) {
      const event = this.line(this.rest.slice(from, index));
      if (event !== null) events.push(event);
      from = index + end.length;
    }
    this.rest = this.rest.slice(from);
    if (this.rest.length + this.dataLength > EVENT_LENGTH_MAX) throw new Error('The server sent an event without end.');
    return events;
  }

  private line(line: string): ServerSentEvent | null {
    if (line === '') return this.end();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') this.id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    else if (field === 'data') {
      this.data.push(value);
      this.dataLength += value.length;
    }
    return null;
  }

  private end(): ServerSentEvent | null {
    const event = this.data.length === 0 ? null : { id: this.id, data: this.data.join('\n') };
    this.data = [];
    this.dataLength = 0;
    this.id = null;
    return event;
  }
}
