/** The agent's part of the demonstration: the real okm-agent command over the wire, as a user would call it. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cast } from './demo-setup.ts';
import type { DemoTalk } from './demo-talk.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'agent/src/cli/okm-agent.ts');
const OUTPUT_BYTES_MAX = 1024 * 1024;

interface Place {
  readonly serviceAddress: string;
  readonly portOffset: number;
}

export async function demonstrateAgent(
  talk: DemoTalk,
  data: string,
  { agent }: Cast,
  place: Place,
  interrupted: AbortSignal,
): Promise<void> {
  const profile = `${data}-agent`;
  rmSync(profile, { recursive: true, force: true });
  const okmAgent = (...args: string[]) => run(['--profile', profile, ...args], '', interrupted);
  const host = place.serviceAddress.includes(':') ? `[${place.serviceAddress}]` : place.serviceAddress;
  await talk.step(`okm-agent enroll --kma ${host} --agent ${agent.name}`, () =>
    run(
      [
        '--profile',
        profile,
        'enroll',
        '--kma',
        host,
        '--agent',
        agent.name,
        '--port-offset',
        String(place.portOffset),
      ],
      `${agent.passphrase}\n`,
      interrupted,
    ),
  );
  await talk.step('okm-agent discover: which KMAs are there', () => okmAgent('discover'));
  const unit = await talk.step('okm-agent data-unit create: the thing to encrypt, tag VOL001', async () => {
    const created = JSON.parse(await okmAgent('--json', 'data-unit', 'create', '--tag', 'VOL001')) as {
      dataUnitId: string;
    };
    return created.dataUnitId;
  });
  await talk.step('okm-agent create-key: a Ready key of the pool becomes protect-and-process', () =>
    okmAgent('create-key', '--data-unit', unit),
  );
  const plain = join(ROOT, 'README.md');
  const encrypted = `${data}-demo.age`;
  const decrypted = `${data}-demo.md`;
  await talk.step('okm-agent encrypt: README.md under the key of that data unit', () =>
    okmAgent('encrypt', '--data-unit', unit, '-i', plain, '-o', encrypted, '--force'),
  );
  await talk.step('okm-agent decrypt: the file names its key, the KMA gives it', () =>
    okmAgent('decrypt', '-i', encrypted, '-o', decrypted, '--force'),
  );
  await talk.step('compare: the decrypted file equals README.md', async () => {
    if (!readFileSync(plain).equals(readFileSync(decrypted))) throw new Error('the decrypted file differs');
  });
}

/** Standard output of the command; throws with its standard error when it fails. */
function run(args: readonly string[], input: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['pipe', 'pipe', 'pipe'], signal });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output = (output + String(chunk)).slice(0, OUTPUT_BYTES_MAX);
    });
    child.stderr.on('data', (chunk) => {
      errors = (errors + String(chunk)).slice(0, OUTPUT_BYTES_MAX);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`okm-agent ${args.join(' ')} ended with ${code}: ${errors.trim()}`)),
    );
    child.stdin.end(input);
  });
}
