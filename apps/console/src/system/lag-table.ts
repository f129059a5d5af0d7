import { el } from '../page/dom.ts';
import type { Metrics } from './metrics.ts';

const PARTS = [
  ['Projector', 'presently_projector'],
  ['Delivery', 'presently_delivery'],
] as const;

/** How far each part is behind, by partition; a part that is in another process has no columns. */
export function lagTable(metrics: Metrics): HTMLElement {
  const columns = PARTS.flatMap(([part, prefix]) => {
    const records = metrics.byPartition(`${prefix}_lag_records`);
    const seconds = metrics.byPartition(`${prefix}_lag_seconds`);
    return records.size === 0 ? [] : [{ part, records, seconds }];
  });
  const partitions = [...new Set(columns.flatMap(({ records }) => [...records.keys()]))].sort((a, b) => a - b);
  const head = el(
    'tr',
    {},
    ...['Partition', ...columns.map(({ part }) => part)].map((text) => el('th', { scope: 'col' }, text)),
  );
  const rows = partitions.map((partition) => {
    const cells = columns.map(({ records, seconds }) => {
      const count = records.get(partition) ?? 0;
      const behind = count === 0 ? 'none' : `${count.toLocaleString()}, ${(seconds.get(partition) ?? 0).toFixed(1)} s`;
      return el('td', {}, behind);
    });
    return el('tr', {}, el('th', { scope: 'row' }, String(partition)), ...cells);
  });
  return el('table', {}, el('caption', {}, 'Records behind'), el('thead', {}, head), el('tbody', {}, ...rows));
}
