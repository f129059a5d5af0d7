import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { DocsController } from '#runtime/http/openapi/docs.controller';
import type { OpenApiDocument } from '#runtime/http/openapi/openapi-document';
import { VERSION } from '#runtime/version';
import { ROOT } from '../support/source-process.ts';
import { createApp } from './apps.ts';
import { documents, textOf } from './documents.ts';

const checkedIn = JSON.parse(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8')) as OpenApiDocument;

/** A route, without the names of its parameters. */
const routeText = (method: string, path: string): string =>
  `${method.toUpperCase()} ${path.replace(/\{\w+\}|:\w+|\*/g, '{}').replace(/(?<=.)\/$/, '')}`;

test('what is checked in is what is generated (`npm run api-docs` renews it)', async () => {
  for (const [path, document] of await documents()) {
    expect([path, readFileSync(join(ROOT, path), 'utf8')]).toEqual([path, textOf(document)]);
  }
});

test.each(['ingest', 'projector', 'delivery', 'standalone'] as const)(
  'every route of %s is described, and nothing else is',
  async (name) => {
    const app = await createApp(name);
    const routes: string[] = [];
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRoute', ({ method, url }) => {
        // Fastify adds HEAD to every GET.
        for (const one of [method].flat()) if (one !== 'HEAD') routes.push(routeText(one, url));
      });
    await app.init();
    const { paths } = app.get(DocsController).openapi();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => routeText(method, path)),
    );
    await app.close();
    expect(described.toSorted()).toEqual(routes.toSorted());
    expect(described).toContain('GET /openapi.json');
  },
);

test('it is valid OpenAPI 3.1, and its references lead somewhere', async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone<object>(checkedIn) as Record<string, unknown>);
  expect(result).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  for (const [, path] of textOf(checkedIn).matchAll(/"\$ref": "#\/([^"]*)"/g)) {
    const found = path?.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], checkedIn);
    expect([path, typeof found]).toEqual([path, 'object']);
  }
});

test('its schemas are JSON Schemas, and its examples are as they say', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false, validateFormats: false });
  ajv.addVocabulary(['openapi', 'info', 'servers', 'tags', 'paths', 'components']);
  ajv.addSchema(checkedIn, 'openapi.json');
  for (const name of Object.keys(checkedIn.components.schemas)) {
    expect(ajv.getSchema(`openapi.json#/components/schemas/${name}`)).toBeInstanceOf(Function);
  }
  const bodies = Object.entries(checkedIn.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) =>
      requestBody === undefined ? [] : [{ path, method, ...requestBody.content['application/json'] }],
    ),
  );
  expect(bodies.length).toBeGreaterThan(5);
  for (const { path, method, example } of bodies) {
    const pointer = `/paths/${path.replaceAll('/', '~1')}/${method}/requestBody/content/application~1json/schema`;
    const isValid = ajv.compile({ $ref: `openapi.json#${encodeURI(pointer)}` });
    expect([path, isValid(example), isValid.errors]).toEqual([path, true, null]);
  }
});

test('a body says how long it may be, as its route takes it, and that a longer one is answered with 413', () => {
  const bodies = Object.values(checkedIn.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ operationId, requestBody, responses }) =>
      requestBody === undefined ? [] : [{ operationId, says: requestBody.description, tooLong: responses['413'] }],
    );
  const mib = (many: number): string => `At most ${many} MiB (${many * 1_048_576} bytes); more is answered with 413.`;
  for (const { operationId, says, tooLong } of bodies) {
    const isLarge = ['publishEvents', 'setMembers'].includes(operationId);
    expect([operationId, says, tooLong]).toEqual([operationId, mib(isLarge ? 8 : 1), expect.any(Object)]);
  }
  expect(bodies.length).toBeGreaterThan(5);
});

test('operations have names of their own, and it tells the version of package.json', () => {
  const operations = Object.values(checkedIn.paths).flatMap((methods) => Object.values(methods));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect([VERSION, checkedIn.info.version]).toEqual([version, version]);
});
