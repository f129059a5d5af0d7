/** What is done to a process, or to a broker. */
export type FaultKind = 'kill' | 'stop and go on' | 'restart' | 'kill broker' | 'cut' | 'fill disk' | 'slow disk';

export interface Fault {
  readonly kind: FaultKind;
  /** Of which app a process is taken, where one is. */
  readonly app: string;
  /** After the fault before, milliseconds. */
  readonly afterMs: number;
  /** Of what lasts: how long, milliseconds. */
  readonly lastsMs: number;
}
