import type { Machine } from '../support/kafka/kafka-source.ts';
import { findKafka } from '../support/kafka/kafka-source.ts';

const machine = (has: { brokers?: string; java?: number; maven?: boolean; docker?: boolean }): Machine => ({
  brokers: has.brokers ?? '',
  javaVersion: () => has.java ?? null,
  hasMaven: () => has.maven ?? false,
  hasDocker: () => has.docker ?? false,
});

test.each([
  ['KAFKA_BROKERS, whatever else there is', { brokers: 'a:1, b:2', java: 17, maven: true, docker: true }, 'given'],
  ['Maven before Docker', { java: 17, maven: true, docker: true }, 'maven'],
  ['a later Java', { java: 25, maven: true }, 'maven'],
  ['Docker without Maven', { java: 17, docker: true }, 'docker'],
  ['Docker with too old a Java', { java: 11, maven: true, docker: true }, 'docker'],
  ['nothing at all', {}, 'none'],
  ['commas only', { brokers: ' , ' }, 'none'],
] as const)('Kafka comes from %s', (_, has, kind) => {
  expect(findKafka(machine(has)).kind).toBe(kind);
});

test('the brokers given are used as they are', () => {
  expect(findKafka(machine({ brokers: 'a:1, b:2,' }))).toEqual({ kind: 'given', brokers: ['a:1', 'b:2'] });
});

test('nothing is asked of the machine that does not matter', () => {
  const asked = (): never => {
    throw new Error('asked');
  };
  const given = { brokers: 'a:1', javaVersion: asked, hasMaven: asked, hasDocker: asked };
  expect(findKafka(given).kind).toBe('given');
  expect(findKafka({ ...machine({ java: 17, maven: true }), hasDocker: asked }).kind).toBe('maven');
});

test.each([
  [{ java: 11, maven: true }, /JDK from 17 on \(found: 11\) and Maven \(found\)/],
  [{ java: 17 }, /JDK from 17 on \(found: 17\) and Maven \(not found\)/],
  [{}, /KAFKA_BROKERS is not set; a JDK from 17 on \(not found\).*no Docker engine/],
])('with %j it is said what is missing', (has, missing) => {
  expect(findKafka(machine(has))).toEqual({ kind: 'none', missing: expect.stringMatching(missing) });
});
