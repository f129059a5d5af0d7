import { lagFault } from '#runtime/lag';

const lag = (partition: number, records: number, seconds: number) => ({ partition, records, seconds });

test('within the bound there is no fault, nor with none to be behind', () => {
  expect(lagFault('the projector', [lag(0, 0, 0), lag(1, 50_000, 30)], 30, 'wait')).toBeNull();
  expect(lagFault('the projector', [], 30, 'wait')).toBeNull();
});

test('past it the partition that is furthest behind is named, and what to do', () => {
  expect(lagFault('the projector', [lag(0, 9, 31), lag(1, 48_210, 41.4), lag(2, 0, 0)], 30, 'wait')).toBe(
    'the projector is 48,210 records and 41 s behind in partition 1, and more than 30 s is too much ' +
      '(PRESENTLY_READY_LAG_MS): wait',
  );
});

test('a bound of 0 is none', () => {
  expect(lagFault('delivery', [lag(0, 9, 3_600)], 0, 'wait')).toBeNull();
});
