import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';
import type { Place } from './place.ts';
import { ask, eventFile, importInto } from './place.ts';

jest.setTimeout(120_000);

let directory = '';
let file: Place;
let path = '';
let at = '';
let from = '';
const user = '@ada:demo';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'presently-answers-'));
  const made = eventFile(directory);
  ({ path } = made);
  file = { args: [path], env: {} };
  at = String(made.to - 600_000);
  from = String(made.to - 3_000_000);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Each command and option that reads events; `AT` and `FROM` are times. */
const QUESTIONS = [
  'replay',
  'replay --format csv --from FROM --to AT',
  'replay --user USER --idle-after 120000',
  'replay --at AT',
  'replay --at AT --snapshots SNAPSHOTS',
  'replay --from FROM --snapshots SNAPSHOTS',
  'history USER',
  'history USER --format ndjson --from FROM --to AT',
  'stats',
  'stats --table concurrency',
  'stats --table users --from FROM --to AT',
  'stats --table sessions --user USER',
  'stats --table rooms',
  'stats --table outcomes',
  'whatif --idle-after 120000',
  'whatif --idle-after 120000 --table users',
  'explain USER --at AT',
  'explain USER --format json',
];

/** What has to differ between a file and a log is where a record lies: partition, offset, and how often it changed something. */
const withoutPositions = (text: string): string =>
  text
    .replaceAll(/"(?:cause_)?partition":(\d+|null),|,"partition":\d+/g, '')
    .replaceAll(/"((?:cause_|next_)?offset|step)":\d+/g, '"$1":0')
    .replaceAll(/(event|last is|before offset) \d+( of partition \d+)?/g, '$1 0')
    .replaceAll(/,\d*,\d+\r$/gm, ',,\r');

const words = (question: string, place: string): string[] =>
  question
    .replace('AT', at)
    .replace('FROM', from)
    .replace('USER', user)
    .replace('SNAPSHOTS', join(directory, `snapshots-${place}`))
    .split(' ');

/** What the file answers; a snapshot's answer has to be that of the whole file. */
const answers = new Map<string, string>();
async function expectedAnswer(question: string): Promise<string> {
  const known = answers.get(question);
  const answer = known ?? (await ask(file, directory, ...words(question, 'file')));
  answers.set(question, answer);
  return answer;
}

/** A log that holds the same events gives the same answers. */
function sameAnswers(place: string, open: () => Promise<Place>): void {
  let log: Place;
  beforeAll(async () => {
    log = await open();
    await ask(log, directory, 'snapshot', '--every', '200', '--snapshots', join(directory, `snapshots-${place}`));
  });

  test.each(QUESTIONS)('%s', async (question) => {
    const expected = await expectedAnswer(question.replace(' --snapshots SNAPSHOTS', ''));
    expect(expected.length).toBeGreaterThan(100);
    const answer = await ask(log, directory, ...words(question, place));
    expect(withoutPositions(answer)).toBe(withoutPositions(expected));
  });
}

describe('an embedded log answers as the file', () => {
  sameAnswers('embedded', () => importInto(directory, path));
});

describeKafka('Kafka answers as the file', (connection) => {
  sameAnswers('kafka', () =>
    importInto(directory, path, {
      KAFKA_BROKERS: connection().brokers.join(','),
      PRESENTLY_TOPIC_PREFIX: freshPrefix(),
    }),
  );
});
