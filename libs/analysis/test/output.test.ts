import { causeInWords } from '#analysis/cause-words';
import { durationInWords } from '#analysis/durations';
import { csv } from '#analysis/output/csv';
import { DuckDbResult } from '#analysis/output/duckdb';
import { ndjson } from '#analysis/output/ndjson';
import { textTable } from '#analysis/output/text-table';
import type { Table } from '#analysis/table';
import { tableOf } from '#analysis/table';

const table = (): Table =>
  tableOf(
    [
      { name: 'ts', type: 'time' },
      { name: 'text', type: 'text' },
      { name: 'number', type: 'integer' },
      { name: 'flag', type: 'boolean' },
    ],
    [
      [1_500, 'a "b", c', 1_234, true],
      [0, 'red \u001b[31m', null, false],
      [null, '', 2 ** 53 - 1, null],
      [1, null, -1, null],
    ],
  );

async function textOf(texts: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const text of texts) all += text;
  return all;
}

test('CSV quotes what has to be, and tells an empty text from none', async () => {
  expect(await textOf(csv(table()))).toBe(
    'ts,text,number,flag\r\n1970-01-01T00:00:01.500Z,"a ""b"", c",1234,true\r\n' +
      '1970-01-01T00:00:00Z,red \u001b[31m,,false\r\n,"",9007199254740991,\r\n1970-01-01T00:00:00.001Z,,-1,\r\n',
  );
});

test('a table on a terminal has nothing that moves its cursor', async () => {
  expect(await textOf(textTable(table()))).toBe(
    'ts                        text                      number  flag\n' +
      '1970-01-01T00:00:01.500Z  a "b", c                   1,234  yes\n' +
      '1970-01-01T00:00:00Z      red \uFFFD[31m                         no\n' +
      '                                     9,007,199,254,740,991\n' +
      '1970-01-01T00:00:00.001Z                                -1\n',
  );
});

test('DuckDB gives back what it was given', async () => {
  const result = await DuckDbResult.of(table());
  expect(await textOf(ndjson(await result.query('SELECT * FROM result')))).toBe(await textOf(ndjson(table())));
  await expect(result.query('SELEC 1')).rejects.toThrow('syntax error');
  result.close();
});

test.each([
  [0, '0 s'],
  [250, '250 ms'],
  [300_000, '5 min'],
  [100_800_000, '1 d 4 h'],
  [86_400_001, '1 d'],
])('%i ms are %s', (ms, words) => {
  expect(durationInWords(ms)).toBe(words);
});

test('a cause in words names the device', () => {
  const announcement = {
    ts: 0,
    presence: 'unavailable' as const,
    statusMsg: null,
    currentlyActive: false,
    lastActiveTs: null,
    position: { offset: 0, step: 0 },
    cause: { type: 'device.presence' as const, deviceId: 'PHONE', offset: 0 },
  };
  expect(causeInWords(announcement)).toBe('device PHONE said that it is idle');
});
