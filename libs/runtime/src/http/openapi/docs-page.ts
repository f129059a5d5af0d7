import { createHash } from 'node:crypto';
import { Html, html, prose } from './html.ts';
import type { OpenApiContent, OpenApiDocument, OpenApiOperation, OpenApiResponse } from './openapi-document.ts';
import { fieldRow, schemaHtml } from './schema-html.ts';

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h2 { margin: 2.5rem 0 0; } h4 { margin: 1rem 0 0; }
code, pre { font: 0.9em ui-monospace, monospace; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: 0.4rem; margin: 0.5rem 0; padding: 0.4rem 0.8rem; }
summary { cursor: pointer; } summary small { opacity: 0.8; margin-left: 0.5rem; }
summary b { display: inline-block; min-width: 3.2rem; }
table { border-collapse: collapse; } td { border-top: 1px solid var(--line); padding: 0.2rem 1rem 0.2rem 0; vertical-align: top; }
`;

/** No scripts, nothing from elsewhere, and no styles but the page's own. The empty icon is a `data:` URL. */
export const DOCS_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A page that shows an OpenAPI document, whole in itself. */
export function docsPage(document: OpenApiDocument): string {
  const { info, tags, components } = document;
  const schemas = Object.entries(components.schemas).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title} API</title>
        <link rel="icon" href="data:," />
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <h1>${info.title} API <small>${info.version}</small></h1>
        ${info.description.split('\n\n').map((paragraph) => html`<p>${prose(paragraph)}</p>`)}
        <p>For machines: ${machineReadable(document)}.</p>
        ${tags.map(
          ({ name, description }) =>
            html`<h2>${name}</h2>
              <p>${prose(description)}</p>
              ${operations(document, name)}`,
        )}
        <h2>Schemas</h2>
        ${schemas.map(([name, schema]) => {
          const says = typeof schema.description === 'string' ? html`<p>${prose(schema.description)}</p>` : '';
          return html`<details id="schema-${name}">
            <summary><code>${name}</code></summary>
            ${says}${schemaHtml(schema)}
          </details>`;
        })}
      </body>
    </html> `;
  return page.text;
}

/** The OpenAPI document, and what else of the kind is served here. */
function machineReadable({ paths }: OpenApiDocument): Html {
  const others = ['/asyncapi.json'].filter((path) => path in paths);
  return html`<a href="openapi.json">OpenAPI</a
    >${others.map(() => html`, <a href="asyncapi.json">AsyncAPI</a> and <a href="schemas">JSON Schemas</a> of streams and topics`)}`;
}

function operations({ paths, components }: OpenApiDocument, tag: string): Html[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => operationHtml(method, path, operation, components.responses)),
  );
}

function operationHtml(
  method: string,
  path: string,
  { operationId, summary, description, security, parameters = [], requestBody, responses }: OpenApiOperation,
  shared: Readonly<Record<string, OpenApiResponse>>,
): Html {
  const callers = security.flatMap((scheme) => Object.keys(scheme)).join(' or ');
  const answers = Object.entries(responses).map(([status, answer]) => {
    const response = '$ref' in answer ? shared[status] : answer;
    if (response === undefined) return '';
    return html`<tr>
      <td><code>${status}</code></td>
      <td>${prose(response.description)}</td>
      <td>${contentHtml(response.content)}</td>
    </tr>`;
  });
  return html`<details id="${operationId}">
    <summary><b>${method.toUpperCase()}</b> <code>${path}</code> <small>${prose(summary)}</small></summary>
    ${description === undefined ? '' : html`<p>${prose(description)}</p>`}
    <p>Token: ${callers === '' ? 'none' : callers}.</p>
    ${
      parameters.length === 0
        ? ''
        : html`<h4>Parameters</h4>
            <table>
              ${parameters.map(({ name, required, schema, description: says = '' }) => fieldRow(name, schema, required, says))}
            </table>`
    }
    ${
      requestBody === undefined
        ? ''
        : html`<h4>Body</h4>
            <p>${prose(requestBody.description)}</p>
            ${contentHtml(requestBody.content)}`
    }
    <h4>Answers</h4>
    <table>
      ${answers}
    </table>
  </details> `;
}

function contentHtml(content: OpenApiContent = {}): Html[] {
  return Object.entries(content).map(([type, { schema, example }]) => {
    const shown = example === undefined ? '' : html`<pre>${JSON.stringify(example, null, 2)}</pre>`;
    const named = type === 'application/json' ? '' : html`<code>${type}</code> `;
    return html`<div>${named}${schemaHtml(schema)}${shown}</div>`;
  });
}
