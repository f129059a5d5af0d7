import fc from 'fast-check';
import { JsonFault, parseJson } from '#runtime/http/edge/json-text';

const DEEP = 'is nested more than 64 levels deep';
const KEY = 'has a key that is not allowed: __proto__, or constructor with prototype';
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test.each<[text: string, fault: string]>([
  ['', 'is not JSON'],
  ['{"a":1', 'is not JSON'],
  ['[1,]', 'is not JSON'],
  [nested(65), DEEP],
  [nested(100_000), DEEP],
  ['[{'.repeat(50_000), DEEP],
  [`{"a\\"[[":"}}\\\\",${'"a":['.repeat(64)}`, DEEP],
  ['{"__proto__":1}', KEY],
  ['{"a":[{"\\u005F_proto\\u005f_":1}]}', KEY],
  ['{"constructor":{"prototype":1}}', KEY],
])('%.40s %s', (text, fault) => {
  expect(() => parseJson(text)).toThrow(new JsonFault(fault));
});

test.each([
  nested(64),
  `[${'[],'.repeat(1_000)}[]]`,
  `["${'[{'.repeat(1_000)}"]`,
  `["${'\\"['.repeat(1_000)}\\\\","["]`,
  '{"constructor":1,"prototype":2,"a":"__proto__"}',
])('%.40s is read', (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

test('whatever JSON is no deeper than that is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      fc.pre(!text.includes('__proto__') && !text.includes('constructor'));
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('a text of quotes and backslashes takes no more than its length', () => {
  const start = performance.now();
  for (const text of ['\\"', '\\', '"\\', '"', '[\\"'])
    expect(() => parseJson(text.repeat(2_000_000))).toThrow(JsonFault);
  expect(performance.now() - start).toBeLessThan(2_000);
});
