import { Command, Option } from 'commander';
import { sleep } from '#runtime/clock/clock';
import { systemClock } from '#runtime/clock/system-clock';
import { CommandError } from '#runtime/process';
import { readEventFile, requireFiles } from './event-file.ts';
import { positiveOption, urlOption } from './options.ts';
import { Progress } from './progress.ts';

interface Options {
  readonly url: URL;
  readonly token: string;
  readonly rate?: number;
  readonly speed?: number;
}

/** Events of one request at most, and how long they are gathered at low rates. */
const BATCH_EVENTS_MAX = 1_000;
const GATHER_MS = 20;
const TRIES_MAX = 30;
/** How much is told of an answer that refuses. */
const ANSWER_LENGTH_MAX = 1_000;

export function loadCommand(): Command {
  return new Command('load')
    .description('Play an event file against a running ingest as live traffic: its times moved to now.')
    .argument('<file>', 'event file: NDJSON, .gz, or - for standard input')
    .requiredOption('--url <url>', 'where ingest listens, as http://127.0.0.1:8080', urlOption)
    .option('--rate <n>', 'events a second', positiveOption)
    .option('--speed <x>', 'times as fast as it happened (default: 1)', positiveOption)
    .addOption(
      new Option('--token <token>', 'upstream token').default(
        process.env.PRESENTLY_UPSTREAM_TOKENS?.split(',')[0] ?? 'dev-upstream',
        'the first of PRESENTLY_UPSTREAM_TOKENS, or dev-upstream', // the help shall not tell the token
      ),
    )
    .action(load);
}

async function load(file: string, options: Options): Promise<void> {
  if (options.rate !== undefined && options.speed !== undefined)
    throw new CommandError('Give --rate or --speed, not both.');
  requireFiles([file]);
  const progress = new Progress('Loading', 'bytes');
  const pace = new Pace(options);
  const sender = new Sender(new URL('/v1/events', options.url), options.token);
  const startedAt = systemClock.elapsed();
  let events = 0;
  let batch: string[] = [];
  const send = async (): Promise<void> => {
    if (batch.length > 0) await sender.send(batch);
    batch = [];
  };
  try {
    for await (const lines of readEventFile(file, (read, total) => progress.update(read, total))) {
      for (const { text, decoded, timestamp } of lines) {
        const inMs = pace.next(timestamp) - systemClock.now();
        if (batch.length >= BATCH_EVENTS_MAX || inMs > GATHER_MS) await send();
        if (inMs > GATHER_MS) await sleep(systemClock, inMs);
        // What cannot be read is left as it is: the server says what is wrong with it.
        batch.push('refused' in decoded ? text : JSON.stringify({ ...(JSON.parse(text) as object), ts: pace.now }));
        events++;
      }
    }
    await send();
  } finally {
    progress.stop();
  }
  const seconds = (systemClock.elapsed() - startedAt) / 1_000;
  sender.report(events, seconds);
}

/** Says when each event is due, in milliseconds of the system's clock. */
class Pace {
  private readonly startedAt = systemClock.now();
  private first: number | null = null;
  private count = 0;
  now = this.startedAt;

  constructor(private readonly options: Options) {}

  next(timestamp: number): number {
    this.first ??= timestamp;
    const { rate, speed = 1 } = this.options;
    const sinceStart = rate === undefined ? (timestamp - this.first) / speed : (this.count++ * 1_000) / rate;
    this.now = Math.floor(this.startedAt + sinceStart);
    return this.now;
  }
}

/** Sends one request after another, so that every user's events stay in order, and tries again when it is told to. */
class Sender {
  private readonly latenciesMs: number[] = [];
  private retries = 0;
  private taken = 0;

  constructor(
    private readonly url: URL,
    private readonly token: string,
  ) {}

  async send(lines: readonly string[]): Promise<void> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/x-ndjson' };
    const body = lines.join('\n');
    for (let tries = 1; ; tries++) {
      const startedAt = systemClock.elapsed();
      const answer = await fetch(this.url, { method: 'POST', headers, body }).catch((error: unknown) => error as Error);
      this.latenciesMs.push(systemClock.elapsed() - startedAt);
      if (!(answer instanceof Error)) {
        const text = await answer.text();
        if (answer.ok) {
          this.taken += lines.length;
          return;
        }
        if (answer.status !== 429 && answer.status < 500) {
          throw new CommandError(`${this.url.href} refuses${this.place()}: ${sentence(text)}`);
        }
      }
      if (tries === TRIES_MAX) throw new CommandError(`${this.url.href} takes no events: ${describe(answer)}`);
      this.retries++;
      const retryAfter = answer instanceof Error ? 1 : Number(answer.headers.get('retry-after') ?? 1);
      await sleep(systemClock, retryAfter * 1_000);
    }
  }

  /** An answer counts the events of its request; this says from where in the file. */
  private place(): string {
    return this.taken === 0 ? '' : `, after ${this.taken} events that were taken`;
  }

  report(events: number, seconds: number): void {
    const sorted = this.latenciesMs.sort((a, b) => a - b);
    const quantile = (q: number): string =>
      (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(1);
    const rows = [
      ['events', String(events)],
      ['seconds', seconds.toFixed(1)],
      ['events/s', (events / seconds).toFixed(0)],
      ['requests', String(sorted.length)],
      ['retries', String(this.retries)],
      ['request p50/p99 ms', `${quantile(0.5)}/${quantile(0.99)}`],
    ];
    for (const [name = '', value] of rows) process.stdout.write(`${name.padEnd(20)} ${value}\n`);
  }
}

function describe(answer: Response | Error): string {
  if (!(answer instanceof Error)) return `HTTP ${answer.status}`;
  return answer.cause instanceof Error ? answer.cause.message : answer.message;
}

/** What an answer says: its `error`, or the beginning of what is no such answer, as one line. */
function sentence(text: string): string {
  let said = text;
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') said = error;
  } catch {
    // Not of Presently, as a proxy's page.
  }
  return said.replaceAll(/\s+/g, ' ').slice(0, ANSWER_LENGTH_MAX);
}
