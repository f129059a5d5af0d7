import { expect, test } from '@jest/globals';
import { figuresOf } from '../src/system/figures.ts';
import { Metrics } from '../src/system/metrics.ts';

const text = (written: number, lost: number): string => `# HELP presently_events_appended_total Events.
# TYPE presently_events_appended_total counter
presently_events_appended_total ${written}
presently_projector_events_total{partition="0"} 7
presently_projector_events_total{partition="1"} ${written}
presently_lost_records_total{app="delivery",partition="0"} ${lost}
presently_odd{a="quote \\" and, comma",partition="3"} 1.5e3
process_resident_memory_bytes 104857600
`;

test('metrics are summed over their labels, or told by partition', () => {
  const metrics = new Metrics(text(5, 0), 0);
  expect(metrics.sum('presently_projector_events_total')).toBe(12);
  expect([...metrics.byPartition('presently_projector_events_total')]).toEqual([
    [0, 7],
    [1, 5],
  ]);
  expect([...metrics.byPartition('presently_odd')]).toEqual([[3, 1_500]]);
  expect(metrics.sum('presently_events_appended')).toBeNull();
  expect(metrics.byPartition('presently_events_appended_total').size).toBe(0);
});

test('a rate is per second; of a server that has started anew there is none', () => {
  const [first, second] = [new Metrics(text(100, 0), 10_000), new Metrics(text(150, 0), 12_000)];
  expect(second.rate('presently_events_appended_total', first)).toBe(25);
  expect(first.rate('presently_events_appended_total', second)).toBeNull();
  expect(second.rate('presently_none_total', first)).toBeNull();
});

test('figures are those that there are, and a lost record is bad', () => {
  const figures = figuresOf(new Metrics(text(150, 2), 12_000), new Metrics(text(100, 0), 10_000));
  expect(figures).toEqual([
    { label: 'Events written', text: '25/s', isBad: false },
    { label: 'Records folded', text: '25/s', isBad: false },
    { label: 'Records lost', text: '2', isBad: true },
    { label: 'Memory', text: '100 MiB', isBad: false },
  ]);
});
