/** The okm-agent command as a process, for tests: what it was given, printed and ended with. It judges nothing. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A command that hangs fails its test instead of holding up all. */
export const TIMEOUT_MS = 60_000;
export const COMMAND = fileURLToPath(new URL('../src/cli/okm-agent.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: Buffer;
  readonly text: string;
  readonly err: string;
}

export async function runAgent(
  profile: string,
  args: readonly string[],
  input: Uint8Array = Buffer.alloc(0),
): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, '--profile', profile, ...args], {
    stdio: 'pipe',
    timeout: TIMEOUT_MS,
  });
  // A command that fails early does not read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [out, err, code] = await Promise.all([
    collected(child.stdout),
    collected(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { code, out, text: out.toString(), err: err.toString() };
}

export async function collected(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
