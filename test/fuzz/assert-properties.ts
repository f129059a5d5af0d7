import type { IProperty } from 'fast-check';
import fc from 'fast-check';

/**
 * Tries each property that many times. Returns how often, by name; `tick` hears how many are done. Throws with the least input
 * that breaks one, and the seed.
 */
export function assertProperties<Name extends string>(
  properties: Readonly<Record<Name, unknown>>,
  runsOf: (name: Name) => number,
  seed: number,
  tick: (done: number) => void,
): Record<string, number> {
  const done: Record<string, number> = {};
  let total = 0;
  for (const name of Object.keys(properties) as Name[]) {
    const numRuns = Math.ceil(runsOf(name));
    fc.assert(properties[name] as IProperty<unknown>, { numRuns, seed, includeErrorInReport: true });
    done[name] = numRuns;
    tick((total += numRuns));
  }
  return done;
}
