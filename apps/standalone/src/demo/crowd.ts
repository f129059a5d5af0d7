import type { PresenceEvent } from '#domain/events';
export class Crowd {
  constructor(readonly options: { seed: number; startAt: number; users?: number }) {}
  opening(): PresenceEvent[] {
    return [];
  }
  eventsUntil(_now: number): PresenceEvent[] {
    return [];
  }
  nextAt(): number {
    return this.options.startAt + 1e9;
  }
}
