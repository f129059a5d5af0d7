import type { Quantiles } from './histogram.ts';
import type { Transport } from './subscriber.ts';

/** What the load side is asked to do, one thing at a time. */
export type CrowdCall =
  | { readonly do: 'open'; readonly opening: Opening }
  | { readonly do: 'change'; readonly load: Load }
  | { readonly do: 'storm'; readonly opening: Opening; readonly load: Load }
  | { readonly do: 'post'; readonly posting: Posting };

/** Clients that connect, one for each user. */
export interface Opening {
  /** Of delivery. */
  readonly url: string;
  readonly transport: Transport;
  readonly users: readonly string[];
  /** They keep the tokens with which to come back. */
  readonly keepTokens?: boolean;
}

/** Users who change, by setting a new status message. */
export interface Load {
  /** Of ingest. */
  readonly url: string;
  /** They change in turn. */
  readonly users: readonly string[];
  /** How many changes are due a second; null: the next ones as soon as all but two requests' were told. */
  readonly perSecond: number | null;
  /** Of a request, when there is no rate; else each has what is due. */
  readonly eventsPerRequest: number;
  /** How many requests can be under way at once. */
  readonly requests: number;
  /** To how many subscribers each change is told. */
  readonly audience: number;
  readonly ms: number;
}

/** Events that are posted as fast as they are taken; nobody listens. */
export interface Posting {
  readonly url: string;
  readonly users: readonly string[];
  readonly eventsPerRequest: number;
  readonly requests: number;
  readonly ms: number;
}

/** What the load side took, and what went wrong: answers other than 200, and connections that were lost. */
interface Effort {
  readonly ms: number;
  /** Processor time, milliseconds. */
  readonly cpuMs: number;
  readonly failures: readonly string[];
}

export interface LoadReport extends Effort {
  readonly changes: number;
  /** Changes that were told to subscribers: after how many milliseconds. */
  readonly told: Quantiles;
}

export interface StormReport extends Effort {
  /** After how many milliseconds each client was told what it had missed. */
  readonly caughtUp: Quantiles;
}

export interface PostReport extends Effort {
  /** That were answered with 200. */
  readonly events: number;
  /** Of each request, milliseconds. */
  readonly answered: Quantiles;
}
