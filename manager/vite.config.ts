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

export default defineConfig({
  plugins: [react(), catalogue],
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 900 },
  server: { strictPort: true },
});
