import { defineConfig } from 'vite';

// `npm run build:console`. The server gives out what is in dist/apps/console (apps/delivery/src/console).
export default defineConfig({
  root: import.meta.dirname,
  base: './', // behind a proxy the console may be under a path
  logLevel: 'warn',
  build: {
    outDir: '../../dist/apps/console',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the page's policy lets nothing through that is not a file of its own
    modulePreload: { polyfill: false },
  },
  // `#client/…` is the client's source, not what was last built of it.
  resolve: { conditions: ['presently-source', 'browser', 'module', 'import', 'default'] },
});
