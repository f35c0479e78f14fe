/** docs/openapi.json as others use it: a client made from it by a generator that is not ours, type-checked strictly, lists data units over mutual TLS. What is generated is kept nowhere. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Agent, Agent as HttpsAgent, request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AUDITOR, TestKma } from './support/kma.ts';
import { logIn, newManagerKey } from './support/manager.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const PROGRAM = `
import { Api } from './api.ts';

export async function externalTags(baseUrl: string, customFetch: typeof fetch): Promise<string[]> {
  const client = new Api({ baseUrl, customFetch });
  const { data } = await client.v1.listDataUnits({ limit: 10 });
  return data.rows.map((unit) => unit.externalTag);
}
`;
interface Program {
  externalTags(baseUrl: string, customFetch: typeof fetch): Promise<string[]>;
}

/** What a user of the generator does: generate, compile with all checks, import. */
async function generated(folder: string): Promise<Program> {
  const run = (program: string, ...argv: string[]) =>
    execFileSync(process.execPath, [join(root, 'node_modules', program), ...argv], { encoding: 'utf8' });
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  const document = join(root, 'docs/openapi.json');
  run('.bin/swagger-typescript-api', 'generate', '-p', document, '-o', folder, '-n', 'api.ts');
  const checks = ['--ignoreConfig', '--strict', '--types', ''];
  const form = ['--target', 'es2024', '--module', 'nodenext', '--rewriteRelativeImportExtensions'];
  const to = ['--outDir', join(folder, 'js'), join(folder, 'program.ts')];
  run('typescript/bin/tsc', ...checks, ...form, ...to);
  return (await import(pathToFileURL(join(folder, 'js/program.js')).href)) as Program;
}

/** fetch() of Node takes no client certificate. */
const fetchThrough =
  (agent: Agent): typeof fetch =>
  (url, options) =>
    new Promise((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(options?.headers));
      const asked = request(String(url), { agent, headers, method: options?.method ?? 'GET' }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () =>
          resolve(new Response(Buffer.concat(pieces), { status: answer.statusCode ?? 0 })),
        );
      });
      asked.on('error', reject);
      asked.end();
    });

test('a client that a known generator makes of docs/openapi.json lists data units over mutual TLS', async () => {
  await using kma = await TestKma.start();
  const drive = await kma.agent('drive-1');
  const unit = await drive.createDataUnit({ externalTag: 'VOL001' });
  await drive.createKey({ dataUnitId: unit.dataUnitId });
  drive.close();
  const { externalTags } = await generated(join(kma.folder, 'client'));
  const key = await newManagerKey();
  const ca = await logIn(kma, AUDITOR, key);
  const agent = new HttpsAgent({
    ca,
    cert: key.certificatePem,
    key: key.privateKeyPem,
    minVersion: 'TLSv1.3',
    // The certificate of a KMA names an entity, not a host.
    checkServerIdentity: () => undefined,
  });
  try {
    const url = `https://127.0.0.1:${kma.managementPort}`;
    assert.deepEqual(await externalTags(url, fetchThrough(agent)), ['VOL001']);
  } finally {
    agent.destroy();
  }
});
