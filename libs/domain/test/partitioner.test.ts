import { partitionOf } from '#domain/partitioner';

const JAVA: readonly (readonly [key: string, murmur2: number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

const LIBRDKAFKA: readonly (readonly [key: string, murmur2: number])[] = [
  ['', 0x106e08d9],
  ['4', 0x5a4b5ca1],
  ['34', 0x873930da],
  ['234', 0xe7c009ca],
  ['1234', 0x9fc97b14],
];

/** Of texts that are not ASCII, as kafkajs 2.2.4 has them. */
const KAFKAJS: readonly (readonly [key: string, murmur2: number])[] = [
  ['é', 186971271],
  ['語', 298888733],
  ['🙂', 925250799],
  ['@zoë:example.org', -1521711068],
  ['@анна:пример.рф', 790362399],
  ['@李雷:例子.中国', -266665600],
];

/** Of the hash 31 bits count, and the last of these counts gives them back. */
const COUNTS = [1, 2, 3, 12, 100, 65_536, 2 ** 31];

describe.each([
  ["the Java client (its tests' own keys)", JAVA],
  ["librdkafka's murmur2 (its tests' own keys)", LIBRDKAFKA],
  ['kafkajs', KAFKAJS],
])('a key leads to the same partition as with %s:', (_client, hashes) => {
  test.each(hashes)('"%s"', (key, murmur2) => {
    const positive = murmur2 & 0x7fffffff;
    expect(COUNTS.map((count) => partitionOf(key, count))).toEqual(COUNTS.map((count) => positive % count));
  });
});
