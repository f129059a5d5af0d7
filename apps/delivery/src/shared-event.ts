import type { MPresenceEvent } from '#domain/m-presence';
import type { Frame } from './frame.ts';

/** An event that many clients are sent: its text is made once. It must not be changed. */
export class SharedEvent implements MPresenceEvent {
  readonly type = 'm.presence';
  readonly sender: string;
  readonly content: MPresenceEvent['content'];
  /** Truly private, so that it is no part of the event when that is copied, compared or made into text. */
  #text: string | null = null;

  constructor({ sender, content }: MPresenceEvent) {
    this.sender = sender;
    this.content = content;
  }

  get text(): string {
    this.#text ??= JSON.stringify(this);
    return this.#text;
  }
}

/** The frame as JSON. */
export function frameText(frame: Frame): string {
  return frame instanceof SharedEvent ? frame.text : JSON.stringify(frame);
}
