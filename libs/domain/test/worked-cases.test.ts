import type { Case } from './given.ts';
import { played } from './given.ts';
import { WORKED_CASES } from './worked-cases.ts';

describe('the worked cases come out as written', () => {
  test.each<Case>(WORKED_CASES)('$clause', (row) => {
    expect(played(row)).toEqual(row);
  });

  test('at 9, the last active time of who hides stays as it was', () => {
    const row: Case = {
      clause: 'who hides leaks no activity',
      given: '0 c d1; 5 status.set offline',
      when: '9 a d1',
      told: [],
      leaves: 'manual offline@5; last 0; d1 online@0 active@9 seen@9 (d1)',
    };
    expect(played(row)).toEqual(row);
  });
});
