import { SeededRandom } from '#runtime/clock/seeded-random';
import type { Fault, FaultKind } from './fault.ts';
import type { Stage } from './stage.ts';

export interface PlanOptions {
  readonly seed: number;
  /** kill -9 of a process. */
  readonly kills: number;
  readonly brokerKills: number;
  /** Over which the faults are spread; a slow machine takes longer. */
  readonly minutes: number;
}

/** Longer than the session of a member of a group: others have its partitions then. */
const STANDSTILL_MS = 2_400;
const OUTAGE_MS = 1_500;

/** The faults of a run on a stage, in order: the same for the same options. */
export function planFor(
  stage: Pick<Stage, 'apps' | 'others'>,
  { seed, kills, brokerKills, minutes }: PlanOptions,
): Fault[] {
  const random = new SeededRandom(seed);
  const others = Object.entries(stage.others).map(
    ([kind, share]) => [kind as FaultKind, Math.ceil(share * kills)] as const,
  );
  const counts: (readonly [FaultKind, number])[] = [['kill', kills], ['kill broker', brokerKills], ...others];
  const kinds = counts.flatMap(([kind, count]) => Array.from({ length: count }, () => kind));
  const meanMs = (minutes * 60_000) / Math.max(1, kinds.length);
  return shuffled(kinds, random).map((kind) => ({
    kind,
    app: random.weighted(stage.apps),
    afterMs: Math.floor(meanMs * 2 * random.next()),
    lastsMs: Math.floor((kind === 'stop and go on' ? STANDSTILL_MS : OUTAGE_MS) * (1 + random.next())),
  }));
}

function shuffled<Item>(items: readonly Item[], random: SeededRandom): Item[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0] as Item);
}
