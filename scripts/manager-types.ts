/** Makes the types of what the web Manager asks a KMA out of docs/openapi.json, once for each state of it, into manager/generated, which is not committed. No program comes out of it. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateApi } from 'swagger-typescript-api';

const root = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENT = join(root, 'docs/openapi.json');
const MADE_BY = [fileURLToPath(import.meta.url), join(root, 'package-lock.json')];
const FOLDER = join(root, 'manager/generated');
const FILE = join(FOLDER, 'operations.ts');

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

export async function makeManagerTypes(): Promise<void> {
  const text = readFileSync(DOCUMENT, 'utf8');
  const hash = createHash('sha256').update(text);
  for (const path of MADE_BY) hash.update('\0').update(readFileSync(path));
  const mark = `// ${hash.digest('hex')}\n`;
  if (existsSync(FILE) && readFileSync(FILE, 'utf8').startsWith(mark)) return;
  const { files } = await generateApi({
    input: DOCUMENT,
    output: false,
    fileName: 'operations.ts',
    generateClient: false,
    generateRouteTypes: true,
    silent: true,
    // What the description leaves open has to be looked at before it is used.
    codeGenConstructs: ({ Keyword }) => ({ Keyword: { ...Keyword, Any: 'unknown' } }),
  });
  const types = files.map(({ fileContent }) => fileContent).join('\n');
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(FILE, `${mark}${types}\n${byId(JSON.parse(text))}`);
}

/** The generator gives each operation a namespace inside one for its path; the pages know operations by their IDs. */
function byId({ paths }: Document): string {
  const lines = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map(({ operationId }) => {
      const own = `${capitalised(path.split('/')[1] ?? '')}.${capitalised(operationId)}`;
      const input = `${own}.RequestParams & ${own}.RequestQuery`;
      return `  ${operationId}: { input: ${input}; body: ${own}.RequestBody; output: ${own}.ResponseBody };`;
    }),
  );
  return `/** Each operation by its ID. */\nexport interface Operations {\n${lines.join('\n')}\n}\n`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
