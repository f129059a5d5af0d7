import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { presently } from '../support/cli.ts';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
const compose = read('docker-compose.yml');

/** What the first group of the pattern holds, wherever it matches. */
function all(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

test('docker-compose.yml has the Kafka that the tests are run against', () => {
  const [tested] = all(/<artifactId>kafka_2.13<\/artifactId>\s*<version>(.*)<\/version>/g, read('test/kafka/pom.xml'));
  expect(all(/image: apache\/kafka:(.*)/g, compose)).toEqual([tested]);
});

test('what docker-compose.yml runs are commands of the image', async () => {
  const commands = all(/^ {4}command: \[(.*)\]$/gm, compose);
  expect(commands).toEqual(['topics, create', 'ingest', 'delivery', 'projector']);
  const help = await presently('--help');
  for (const command of commands) expect(help).toMatch(new RegExp(`^  ${command.split(', ')[0]} `, 'm'));
});

test('the proxy sends to the ports of ingest and delivery', () => {
  const [ingest, delivery] = all(/PRESENTLY_PORT: (.*)/g, compose);
  const targets = all(/reverse_proxy .*127\.0\.0\.1:(\d+)/g, read('Caddyfile'));
  expect(targets).toEqual([ingest, ingest, ingest, ingest, delivery]);
});
