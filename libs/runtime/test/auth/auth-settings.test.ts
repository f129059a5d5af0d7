import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, readConfig } from '#runtime/config';
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts';
import { issuerOf, pem } from './tokens.ts';

const directory = temporaryDirectory();

/** The faults that are told of these settings. */
function faultsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .map((line) => line.replace(/^ {2}- /, ''))
      .slice(1);
  }
  return [];
}

function keyFile(content = pem(issuerOf.p256())): string {
  const path = join(directory.path(), 'key.pem');
  writeFileSync(path, content);
  return path;
}

const jwksUrl = 'https://id.example/keys?app=presently';
const homeserverUrl = 'https://matrix.example/';

describe('jwt', () => {
  const jwt = { PRESENTLY_AUTH: 'jwt', PRESENTLY_HOST: '0.0.0.0' };
  const one = 'PRESENTLY_AUTH=jwt needs keys: set PRESENTLY_JWKS_URL or PRESENTLY_JWT_KEY_FILE, one of them';

  test('takes a URL or a file, on any address', () => {
    expect(readConfig({ ...jwt, PRESENTLY_JWKS_URL: jwksUrl }).PRESENTLY_JWKS_URL).toBe(jwksUrl);
    expect(faultsOf({ ...jwt, PRESENTLY_JWT_KEY_FILE: keyFile() })).toEqual([]);
  });

  test('needs one of them, and not both', () => {
    expect(faultsOf(jwt)).toEqual([one]);
    expect(faultsOf({ ...jwt, PRESENTLY_JWKS_URL: jwksUrl, PRESENTLY_JWT_KEY_FILE: keyFile() })).toEqual([one]);
  });

  test('needs a file that can be used, and a URL that is one', () => {
    const path = keyFile('what');
    expect(faultsOf({ ...jwt, PRESENTLY_JWT_KEY_FILE: path })).toEqual([
      `PRESENTLY_JWT_KEY_FILE: ${path} is no PEM, and no JSON either`,
    ]);
    expect(faultsOf({ ...jwt, PRESENTLY_JWT_KEY_FILE: '/nowhere/key.pem' })).toEqual([
      expect.stringMatching(/^PRESENTLY_JWT_KEY_FILE: \/nowhere\/key\.pem cannot be read: ENOENT/),
    ]);
    for (const url of ['id.example', 'ftp://id.example', 'https://me:secret@id.example']) {
      expect(faultsOf({ ...jwt, PRESENTLY_JWKS_URL: url })).toEqual([
        'PRESENTLY_JWKS_URL: must be a URL as https://example.org',
      ]);
    }
  });

  test('has no upstream tokens: scopes say who is upstream', () => {
    expect(faultsOf({ ...jwt, PRESENTLY_JWKS_URL: jwksUrl, PRESENTLY_UPSTREAM_TOKENS: 'a,b' })).toEqual([
      'PRESENTLY_UPSTREAM_TOKENS is for PRESENTLY_AUTH=dev or matrix, and that is jwt: take it out',
    ]);
  });
});

describe('matrix', () => {
  const matrix = { PRESENTLY_AUTH: 'matrix', PRESENTLY_HOST: '0.0.0.0' };

  test('takes a homeserver and upstream tokens, on any address', () => {
    const config = readConfig({
      ...matrix,
      PRESENTLY_HOMESERVER_URL: homeserverUrl,
      PRESENTLY_UPSTREAM_TOKENS: 'a, b,',
    });
    expect(config).toMatchObject({
      PRESENTLY_HOMESERVER_URL: 'https://matrix.example',
      PRESENTLY_UPSTREAM_TOKENS: ['a', 'b'],
      PRESENTLY_WHOAMI_CACHE_MS: 60_000,
      PRESENTLY_WHOAMI_EVERY_MS: 300_000,
    });
  });

  test('needs a homeserver', () => {
    expect(faultsOf(matrix)).toEqual(['PRESENTLY_AUTH=matrix asks a homeserver: set PRESENTLY_HOMESERVER_URL']);
    expect(faultsOf({ ...matrix, PRESENTLY_HOMESERVER_URL: `${homeserverUrl}?a` })).toEqual([
      'PRESENTLY_HOMESERVER_URL: must be a URL without ? and #',
    ]);
  });
});

test('a setting of another mode would do nothing, and is a fault', () => {
  expect(faultsOf({ PRESENTLY_JWKS_URL: jwksUrl, PRESENTLY_HOMESERVER_URL: homeserverUrl })).toEqual([
    'PRESENTLY_JWKS_URL is for PRESENTLY_AUTH=jwt, and that is dev: take it out',
    'PRESENTLY_HOMESERVER_URL is for PRESENTLY_AUTH=matrix, and that is dev: take it out',
  ]);
});

test('dev is for this machine only', () => {
  expect(faultsOf({ PRESENTLY_HOST: '0.0.0.0' })).toHaveLength(1);
  expect(faultsOf({ PRESENTLY_CORS_ORIGINS: 'http://localhost:3000,*' })).toEqual([]);
  expect(faultsOf({ PRESENTLY_CORS_ORIGINS: 'http://localhost:3000,https://app.example' })).toEqual([
    'PRESENTLY_AUTH=dev answers pages of this machine only, and PRESENTLY_CORS_ORIGINS names https://app.example',
  ]);
});

test.each(['https://app.example/', 'app.example', 'null', 'https://*.app.example/x'])('%s is no origin', (origin) => {
  expect(faultsOf({ PRESENTLY_CORS_ORIGINS: origin })).toEqual([
    'PRESENTLY_CORS_ORIGINS: takes origins, as https://app.example.org, or *',
  ]);
});

test('proxies are a number or addresses', () => {
  const read = (text: string): unknown => readConfig({ PRESENTLY_TRUST_PROXY: text }).PRESENTLY_TRUST_PROXY;
  expect([read(''), read('0'), read('2')]).toEqual([undefined, 0, 2]);
  expect(read('10.0.0.0/8, loopback')).toEqual(['10.0.0.0/8', 'loopback']);
  for (const text of ['true', '-1', '99', 'proxy.example']) {
    expect(faultsOf({ PRESENTLY_TRUST_PROXY: text })).toEqual([
      'PRESENTLY_TRUST_PROXY: takes the number of proxies, or their addresses, as 10.0.0.0/8,loopback',
    ]);
  }
});
