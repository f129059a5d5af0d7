import { expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { example } from '../support/guides.ts';
import { Shell } from '../support/shell.ts';
import { ROOT } from '../support/source-process.ts';
import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(120_000); // it builds the client, too
const directory = temporaryDirectory();

/** Runs commands of the README against another server. */
const shell = (commands: string, url: string): Shell => new Shell(commands.replaceAll('http://127.0.0.1:8080', url));

/** A project that has the client as it is published, and a script in it. Returns the command that runs it. */
function scriptWithClient(script: string): string {
  const project = join(directory.path(), 'project');
  const installed = join(project, 'node_modules/@presently/client');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(ROOT, 'libs/client/package.json'), join(installed, 'package.json'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'libs/client'), '--outDir', join(installed, 'dist')]);
  writeFileSync(join(project, 'script.mjs'), script);
  return `NODE_OPTIONS= exec ${process.execPath} ${join(project, 'script.mjs')}`;
}

test('the README’s first minute and its client work as they are written', async () => {
  const server = await startStandalone(directory.path());
  await server.ready();
  const stream = shell(example('stream'), server.url);
  try {
    await stream.until((printed) => printed.includes('event: snapshot'));
    const publish = shell(example('publish'), server.url);
    expect([await publish.ended, publish.printed.slice(-14)]).toEqual([0, '{"accepted":3}']);
    await stream.until((printed) => printed.includes('"@bob:example"'));
    expect(stream.printed).toMatch(
      /event: m\.presence\nid: [\w-]+\ndata: \{"type":"m\.presence","sender":"@bob:example","content":\{"presence":"online","last_active_ago":\d+,"currently_active":true\}\}\n/,
    );
    const status = shell(example('status'), server.url);
    expect(await status.ended).toBe(0);
    await stream.until((printed) => printed.includes('in the garden'));
    const again = shell(example('status'), server.url); // the first may have asked a moment too early
    expect(await again.ended).toBe(0);
    expect(again.printed).toMatch(
      /\{\}.*\{"presence":"unavailable","last_active_ago":\d+,"status_msg":"in the garden"\}$/s,
    );
  } finally {
    await stream.end();
  }
  // From the first token on, and so with all that came after it.
  const [, token = ''] =
    /^event: snapshot\nid: ([\w-]+)$/m.exec(stream.printed) ?? /^id: ([\w-]+)$/m.exec(stream.printed) ?? [];
  const resumed = shell(example('resume').replace('5mYvQj4…', token), server.url);
  try {
    await resumed.until((printed) => printed.includes('in the garden'));
  } finally {
    await resumed.end();
  }
  const script = shell(scriptWithClient(example('client').replace('http://127.0.0.1:8080', server.url)), server.url);
  try {
    await script.until((printed) => printed.includes('@bob:example unavailable in the garden\n'));
  } finally {
    await script.end();
  }
  expect(await server.process.kill('SIGTERM')).toBe(0);
});
