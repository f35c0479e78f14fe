/** Builds the web Manager into dist/: scripts and styles in files of their own, since the page's policy allows none inside it. The catalogue of operations comes out of the OpenAPI document. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { catalogueOf } from './catalogue.ts';
import { PLACES } from './src/places.ts';

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

/** Places with a list have a page of their own, which names what every list needs beside what every page needs. */
const listPages: Plugin = {
  name: 'list-pages',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const page = bundle['index.html'];
    if (page?.type !== 'asset') throw new Error('there is no page');
    const links = Object.keys(bundle)
      .filter((name) => /^assets\/list-[\w-]{8}\.(?:js|css)$/.test(name))
      .map((name) =>
        name.endsWith('.css')
          ? `<link rel="stylesheet" crossorigin href="/${name}">`
          : `<link rel="modulepreload" crossorigin href="/${name}">`,
      );
    if (links.length !== 2) throw new Error(`the program of lists is in ${links.length} files, not in 2`);
    const source = String(page.source).replace('</head>', `${links.join('')}</head>`);
    for (const { path, list } of PLACES)
      if (list !== undefined) this.emitFile({ type: 'asset', fileName: `${path.slice(1)}.html`, source });
  },
};

/** What each first page needs in one file, and what each list needs beyond it in another: a browser is busy for a while with each file. */
const groups = [
  { name: 'first', tags: ['$initial' as const], priority: 1 },
  { name: 'list', test: /manager\/src\/lists\/ListPage\.tsx$/ },
];

export default defineConfig({
  plugins: [react(), catalogue, listPages],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: { strictPort: true },
});
