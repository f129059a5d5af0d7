import { jest } from '@jest/globals';
import { API_ROUTES, BODY_ROUTES } from '../support/hostile/api-routes.ts';
import { HOSTILE_BODIES } from '../support/hostile/hostile-bodies.ts';
import { HOSTILE_REQUESTS, HOSTILE_TOKENS } from '../support/hostile/hostile-requests.ts';
import { HostileServer, MODES } from '../support/hostile/hostile-server.ts';
import { OrdinaryClient } from '../support/hostile/ordinary-client.ts';
import { authorization, faultOf, send } from '../support/hostile/send.ts';
import { killProcesses } from '../support/source-process.ts';

jest.setTimeout(120_000);

/** On cores that others use as well. A body that is as bad as can be takes the server half a second. */
const ORDINARY_MS_MAX = 4_000;
const FAULTS_TOLD_MAX = 10;

describe.each(MODES)('in %s mode, a route', (mode) => {
  /** How callers are known changes nothing for a route that reads no body: one mode is enough for those. */
  const routes = mode === 'dev' ? API_ROUTES : BODY_ROUTES;
  let hostile: HostileServer;
  let ordinary: OrdinaryClient;
  beforeAll(async () => {
    hostile = await HostileServer.start(mode);
    ordinary = new OrdinaryClient(hostile);
  });
  afterAll(async () => {
    await hostile?.stop();
    await killProcesses();
  });

  test.each(HOSTILE_BODIES)(
    'answers a body of $name',
    async ({ body, headers = {}, isChunked = false, isHarmless }) => {
      const faults: string[] = [];
      for (const route of routes) {
        const { method, path } = route;
        const sent = { method, path, body, isChunked, headers: { ...authorization(hostile, route), ...headers } };
        const fault = await send(hostile.url, sent).then((answer) => {
          const isTaken = answer.status < 400 && BODY_ROUTES.includes(route) && isHarmless !== true;
          return isTaken ? `took it: ${answer.text}` : faultOf(answer);
        }, String);
        if (fault !== null) faults.push(`${method} ${path}: ${fault}`);
      }
      expect(faults.slice(0, FAULTS_TOLD_MAX)).toEqual([]);
    },
  );

  test.each(Object.entries(HOSTILE_REQUESTS))('answers hostile %s', async (_what, requests) => {
    const faults: string[] = [];
    for (const { route, method, path, headers } of requests) {
      const sent = { method, path, headers: { ...authorization(hostile, route), ...headers } };
      const fault = await send(hostile.url, sent).then(faultOf, String);
      if (fault !== null) faults.push(`${method} ${path} ${JSON.stringify(headers)}: ${fault}`.slice(0, 500));
    }
    expect(faults.slice(0, FAULTS_TOLD_MAX)).toEqual([]);
  });

  test('answers tokens that are none', async () => {
    const path = '/_matrix/client/v3/account/whoami';
    for (const token of HOSTILE_TOKENS) {
      const answer = await send(hostile.url, { method: 'GET', path, headers: { authorization: token } });
      const told = [token.slice(0, 50), faultOf(answer), mode !== 'dev' && answer.status !== 401];
      expect(told).toEqual([token.slice(0, 50), null, false]);
    }
  });

  test('has neither failed, nor changed anything for others, nor kept them waiting', async () => {
    const { answers, refused, slowestMs } = await ordinary.stop();
    expect(refused).toEqual([]);
    expect(answers).toBeGreaterThan(50);
    expect(slowestMs).toBeLessThan(ORDINARY_MS_MAX);
    expect(await hostile.faults()).toEqual([]);
  });
});
