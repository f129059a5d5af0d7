/** What the page may do: load its own files, call its own server, and show nothing but its own text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Headers of everything that the console is made of. */
export const CONSOLE_HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The page, told how callers are known, and which token it may sign in with by itself (null: none). */
export function toldPage(page: string, auth: string, signInAs: string | null): string {
  const told = { 'presently-auth': auth, ...(signInAs === null ? {} : { 'presently-sign-in-as': signInAs }) };
  const metas = Object.entries(told).map(([name, content]) => `<meta name="${name}" content="${escaped(content)}" />`);
  return page.replace('</head>', () => `${metas.join('')}</head>`);
}

/** In the place of a console that has not been built. */
export const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Presently</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <h1>Presently runs, but its console has not been built</h1>
    <p><code>npm run build</code> builds it; then start the server again. All else works: <a href="docs">the routes</a>.</p>
  </body>
</html>
`;

const escaped = (text: string): string => text.replace(/[&<"]/g, (character) => `&#${character.charCodeAt(0)};`);
