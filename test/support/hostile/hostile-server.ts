import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issuerOf, pem, sign } from '../../../libs/runtime/test/auth/tokens.ts';
import { HttpServer, sendJson } from '../http-server.ts';
import type { ServerProcess } from '../server-process.ts';
import { startStandalone } from '../standalone.ts';
import { Inspector } from './inspector.ts';

export const MODES = ['dev', 'jwt', 'matrix'] as const;
export type Mode = (typeof MODES)[number];

/** Whoever is attacked, and who attacks. */
export const ATTACKER = '@mallory:example';
export const BYSTANDER = '@bystander:example';
const STATUS = { presence: 'unavailable', status_msg: 'undisturbed' };

interface Tokens {
  readonly attacker: string;
  readonly bystander: string;
  readonly upstream: string;
}

interface Authentication {
  readonly env: Record<string, string>;
  readonly tokens: Tokens;
  readonly close: () => Promise<void>;
}

/** A server in a process of its own, to be sent what no client should send. */
export class HostileServer {
  private constructor(
    readonly server: ServerProcess,
    readonly tokens: Tokens,
    readonly inspector: Inspector,
    private readonly end: () => Promise<void>,
  ) {}

  /** Starts it, with callers known in this mode, and with a bystander who has a status. */
  static async start(mode: Mode, settings: Record<string, string> = {}): Promise<HostileServer> {
    const directory = mkdtempSync(join(tmpdir(), 'presently-hostile-'));
    const { env, tokens, close } = await AUTHENTICATIONS[mode](directory);
    const server = await startStandalone(join(directory, 'data'), {
      env: { NODE_OPTIONS: '--inspect=127.0.0.1:0', PRESENTLY_USER_WRITES_PER_S: '0', ...env, ...settings },
    });
    await server.ready();
    const hostile = new HostileServer(server, tokens, await Inspector.of(server.process), async () => {
      await server.process.kill('SIGTERM');
      await close();
      rmSync(directory, { recursive: true, force: true });
    });
    await hostile.connectBystander();
    return hostile;
  }

  get url(): string {
    return this.server.url;
  }

  /** What is wrong with the server now: it has lost the bystander’s state, or has said on standard error what it never should. */
  async faults(): Promise<string[]> {
    const { status, body } = await this.bystander();
    const isUndisturbed = status === 200 && body.status_msg === STATUS.status_msg && body.presence === STATUS.presence;
    return [
      ...(isUndisturbed ? [] : [`the bystander is answered ${status} ${JSON.stringify(body)}`]),
      ...this.server.process.errors.split('\n').filter((line) => !isExpected(line)),
    ];
  }

  async stop(): Promise<void> {
    this.inspector.close();
    await this.end();
  }

  /** Asks for the bystander’s own status. */
  async bystander(): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { authorization: `Bearer ${this.tokens.bystander}` };
    const response = await fetch(`${this.url}/_matrix/client/v3/presence/${BYSTANDER}/status`, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  private async connectBystander(): Promise<void> {
    const events = [
      { type: 'device.connected', user_id: BYSTANDER, device_id: 'D' },
      { type: 'status.set', user_id: BYSTANDER, ...STATUS },
    ];
    const response = await fetch(`${this.url}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.tokens.upstream}`, 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    if (!response.ok) throw new Error(`The bystander’s events were answered ${response.status}`);
  }
}

/** Lines of the log that tell of no error, and what the inspector says of itself. */
function isExpected(line: string): boolean {
  if (line === '' || /^(Debugger |For help, see)/.test(line)) return true;
  try {
    return (JSON.parse(line) as { level: number }).level < 50;
  } catch {
    return false;
  }
}

const AUTHENTICATIONS: Record<Mode, (directory: string) => Promise<Authentication>> = {
  dev: async () => ({
    env: {},
    tokens: { attacker: `${ATTACKER}/D`, bystander: `${BYSTANDER}/D`, upstream: 'dev-upstream' },
    close: async () => undefined,
  }),
  jwt: async (directory) => {
    const issuer = issuerOf.p256();
    const file = join(directory, 'key.pem');
    writeFileSync(file, pem(issuer));
    const exp = Math.floor(Date.now() / 1_000) + 3_600;
    const user = (sub: string): Promise<string> => sign(issuer, { sub, exp, device_id: 'D' });
    return {
      env: { PRESENTLY_AUTH: 'jwt', PRESENTLY_JWT_KEY_FILE: file },
      tokens: {
        attacker: await user(ATTACKER),
        bystander: await user(BYSTANDER),
        upstream: await sign(issuer, { sub: 'chat', exp, scope: 'presence:write' }),
      },
      close: async () => undefined,
    };
  },
  matrix: async () => {
    const users = new Map([
      ['Bearer syt_mallory', ATTACKER],
      ['Bearer syt_bystander', BYSTANDER],
    ]);
    const homeserver = await HttpServer.listening(({ headers }, response) => {
      const user = users.get(headers.authorization ?? '');
      if (user === undefined) sendJson(response, { errcode: 'M_UNKNOWN_TOKEN', error: 'Unknown.' }, 401);
      else sendJson(response, { user_id: user, device_id: 'D' });
    });
    return {
      env: {
        PRESENTLY_AUTH: 'matrix',
        PRESENTLY_HOMESERVER_URL: homeserver.url,
        PRESENTLY_UPSTREAM_TOKENS: 'upstream-secret',
      },
      tokens: { attacker: 'syt_mallory', bystander: 'syt_bystander', upstream: 'upstream-secret' },
      close: () => homeserver.close(),
    };
  },
};
