/** The openssl command as an old agent's TLS: another implementation than Node's, told exactly what to offer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRequest, OPERATIONS, type OperationName, type Requests } from '@openkma/protocol';
import type { RawAgent } from './raw-agent.ts';
import { within } from './until.ts';

export interface Spoken {
  /** "" where the handshake failed. */
  readonly protocol: string;
  readonly cipher: string;
  /** Everything the command wrote: about the handshake, and the answer. */
  readonly output: string;
}

/** One call through `openssl s_client`; `options` say what TLS offers. */
export async function opensslCall<Name extends OperationName>(
  agent: RawAgent,
  folder: string,
  options: readonly string[],
  name: Name,
  fields: Requests[Name],
): Promise<Spoken> {
  const { service } = OPERATIONS[name];
  const port = agent.ports[service];
  const [own, root] = [join(folder, `${agent.name}.pem`), join(folder, 'root.pem')];
  writeFileSync(own, agent.identity.cert + agent.identity.key, { mode: 0o600 });
  writeFileSync(root, agent.identity.ca);
  const files = ['-cert', own, '-CAfile', root, '-verify_return_error'];
  const words = ['s_client', '-connect', `127.0.0.1:${port}`, '-ign_eof', ...files, ...options];
  const command = spawn('openssl', words);
  let output = '';
  for (const stream of [command.stdout, command.stderr])
    stream.on('data', (data) => {
      output += data;
    });
  const body = encodeRequest(service, name, fields);
  const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\nSOAPAction: ""\r\n\r\n`;
  command.stdin.on('error', () => {});
  command.stdin.write(head + body);
  await within(() => `the end of openssl: ${output}`, once(command, 'close')).finally(() =>
    command.kill('SIGKILL'),
  );
  const field = (label: string) => new RegExp(`^ *${label} *: *(\\S+)`, 'm').exec(output)?.[1] ?? '';
  const cipher = field('Cipher');
  return cipher === '' || cipher === '0000'
    ? { protocol: '', cipher: '', output }
    : { protocol: field('Protocol'), cipher, output };
}

/** What `openssl s_client` wrote of a connection on which it says nothing, until the other side ended it or the handshake failed. */
export async function opensslHears(
  port: { readonly host: string; readonly port: number },
  ...options: string[]
) {
  const words = ['s_client', '-connect', `${port.host}:${port.port}`, '-ign_eof', ...options];
  const command = spawn('openssl', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [command.stdout, command.stderr])
    stream.on('data', (data) => {
      output += data;
    });
  await within(() => `the end of openssl: ${output}`, once(command, 'close')).finally(() =>
    command.kill('SIGKILL'),
  );
  return output;
}
