/** Where okm-agent takes a passphrase from: a file, standard input or a hidden prompt; never an argument or a variable. */
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { AgentError } from '../errors.ts';

const FILE_BYTES_MAX = 4_096;

/** The first line of a file ("-": standard input), or what is typed unseen; as bytes that the caller wipes. */
export async function readPassphrase(file: string | undefined): Promise<Buffer> {
  if (file !== undefined && file !== '-') return firstLine(await readFile(file), file);
  if (file === undefined && process.stdin.isTTY) return await prompt('Passphrase of the agent: ');
  return firstLine(await readStdin(), 'standard input');
}

async function readFile(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const content = Buffer.alloc(FILE_BYTES_MAX + 1);
    const { bytesRead } = await file.read(content);
    return content.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > FILE_BYTES_MAX) break;
  }
  return Buffer.concat(chunks);
}

function firstLine(content: Buffer, source: string): Buffer {
  if (content.length > FILE_BYTES_MAX)
    throw new AgentError('usage', `${source} is too long for a passphrase`);
  const newline = content.indexOf(0x0a);
  const line = newline < 0 ? content : content.subarray(0, newline);
  const passphrase = line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  if (passphrase.length === 0)
    throw new AgentError('usage', `${source} holds no passphrase in its first line`);
  return passphrase;
}

async function prompt(question: string): Promise<Buffer> {
  process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  const interrupted = new AbortController();
  terminal.once('SIGINT', () => interrupted.abort());
  try {
    return firstLine(
      Buffer.from(await terminal.question('', { signal: interrupted.signal }), 'utf8'),
      'the answer',
    );
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
