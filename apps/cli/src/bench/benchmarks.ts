import type { Benchmark } from './benchmark.ts';
import { connections } from './connections.ts';
import { fanout } from './fanout.ts';
import { fold } from './fold.ts';
import { ingest } from './ingest.ts';
import { latency } from './latency.ts';
import { log } from './log.ts';
import { memory } from './memory.ts';
import { projector } from './projector.ts';
import { restore } from './restore.ts';
import { resume } from './resume.ts';
import { storm } from './storm.ts';

/** All there are, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  fold,
  log,
  projector,
  restore,
  resume,
  memory,
  ingest,
  latency,
  fanout,
  connections,
  storm,
];
