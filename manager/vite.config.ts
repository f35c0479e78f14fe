/** Builds the web Manager into dist/: scripts and styles in files of their own, since the page's policy allows none inside it. The catalogue of operations comes out of the OpenAPI document. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { catalogueOf } from './catalogue.ts';

const DOCUMENT = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
const NAME = 'virtual:catalogue';

const catalogue: Plugin = {
  name: 'catalogue',
  resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
  load: (id) =>
    id === `\0${NAME}`
      ? `export default JSON.parse(${JSON.stringify(JSON.stringify(catalogueOf(JSON.parse(readFileSync(DOCUMENT, 'utf8')))))})`
      : undefined,
};

/** What each first page needs in one file, and what each list needs beyond it in another: a browser is busy for a while with each file. */
const groups = [
  { name: 'first', tags: ['$initial' as const], priority: 1 },
  { name: 'list', test: /manager\/src\/lists\/ListPage\.tsx$/ },
];

export default defineConfig({
  plugins: [react(), catalogue],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: { strictPort: true },
});
