import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { ApiClient } from '../support/api-client.ts';
import { ChildProgram } from '../support/child-program.ts';
import { EXAMPLES, findGo, findProgram, goEnvironment, testUnless } from '../support/examples.ts';
import { RefusingProxy } from '../support/refusing-proxy.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { killProcesses } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';

jest.setTimeout(180_000); // with an empty cache Go compiles its standard library

const TTL_MS = 2_400;
const OFFLINE_AFTER_MS = 3_600;
const RENEWALS = 9; // as many as it takes to outlive the first lease
const RETRY_AFTER_S = 1;
const CROWD = 600; // more than these programs put into a request
const TOO_LONG = 'x'.repeat(256);

const directory = mkdtempSync(join(tmpdir(), 'presently-test-'));
const go = findGo();
const python = findProgram(['python3'], '-c', 'import sys; assert sys.version_info >= (3, 8)');
const noCurl = findProgram(['curl'], '--version') === null || findProgram(['bash'], '--version') === null;
let server: ServerProcess;
let gateway: ChildProgram;
let proxy: RefusingProxy;

beforeAll(async () => {
  // The first lease too, which a slow start would otherwise make half a minute.
  const policy = { PRESENTLY_OFFLINE_AFTER_MS: String(OFFLINE_AFTER_MS), PRESENTLY_SOURCE_TTL_MS: String(TTL_MS) };
  server = await startStandalone(directory, { env: policy });
  await server.ready();
});

afterEach(async () => {
  await gateway.stop('SIGKILL');
  await proxy.close();
});

afterAll(async () => {
  await killProcesses();
  rmSync(directory, { recursive: true, force: true });
});

async function presences(users: readonly string[]): Promise<Set<string | undefined>> {
  const { body } = await new ApiClient(server.url, 'dev-upstream').post<{
    presence: Record<string, { presence: string } | undefined>;
  }>('/v1/presence/query', { user_ids: users });
  return new Set(users.map((user) => body.presence[user]?.presence));
}

/** Runs a gateway from its first lease to its end, and sees that all it says is so. */
async function expectLife(name: string, program: string, ...args: readonly string[]): Promise<void> {
  const users = Array.from({ length: CROWD }, (_, i) => `@${name}-${i}:example`);
  proxy = await RefusingProxy.before(server.url, [429, 503], RETRY_AFTER_S);
  const env = { PRESENTLY_URL: proxy.url, PRESENTLY_UPSTREAM_TOKEN: 'dev-upstream', SOURCE_TTL_MS: String(TTL_MS) };
  gateway = new ChildProgram(program, [...args, TOO_LONG, ...users], env);

  await gateway.until(() => gateway.output.split('sent 1, from source.alive on\n').length > RENEWALS);
  await gateway.until(async () => (await presences(users)).has('online'));
  expect(await presences(users)).toEqual(new Set(['online']));
  expect(await gateway.stop('SIGTERM')).toBe(0);
  while ((await presences(users)).has('online')) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await presences(users)).toEqual(new Set(['offline']));

  const lines = gateway.output.trimEnd().split('\n');
  expect(lines.filter((line) => line !== 'sent 1, from source.alive on')).toEqual([
    'sent 499, from source.alive on',
    'sent 102, from device.connected on',
    'sent 499, from device.active on',
    'sent 101, from device.active on',
    'sent 499, from device.disconnected on',
    'sent 102, from device.disconnected on',
  ]);
  const refused = gateway.errors.split('\n').filter((line) => line.includes('refused: '));
  expect(refused).toEqual(
    Array.from({ length: 3 }, (): unknown => expect.stringMatching(/user_id.* is longer than 255 bytes/)),
  );
  expect(gateway.errors).toMatch(/429: again in [12]\.\d s\n.*503: again in [12]\.\d s\n/);
  expect(proxy.waitsMs).toHaveLength(2);
  expect(Math.min(...proxy.waitsMs)).toBeGreaterThan(RETRY_AFTER_S * 1_000 - 5);
}

const pythonTest = testUnless(python === null ? 'gateway.py needs Python 3.8' : null, { requiredInCi: true });
const curlTest = testUnless(noCurl ? 'gateway.sh needs bash and curl' : null, { requiredInCi: true });
const goTest = testUnless(go === null ? 'gateway.go needs Go' : null, { requiredInCi: false });

test('gateway.mjs', () => expectLife('node', process.execPath, join(EXAMPLES, 'gateway.mjs')));

pythonTest('gateway.py', () => expectLife('python', python ?? '', join(EXAMPLES, 'gateway.py')));

curlTest('gateway.sh', () => expectLife('curl', 'bash', join(EXAMPLES, 'gateway.sh')));

goTest('gateway.go', () => {
  const program = join(directory, 'gateway');
  execFileSync(go ?? '', ['build', '-o', program, join(EXAMPLES, 'gateway.go')], { env: goEnvironment() });
  return expectLife('go', program);
});
