/** What answers on port 3333 as no KMA of ours does, with a session that trusts it. It carries nothing out. */
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { caKeySha256 } from '@openkma/protocol';
import { makeSessionKey } from '../../src/client/client-certificate.ts';
import { portOf, type Session } from '../../src/client/log-in.ts';
import { Profiles } from '../../src/client/profile.ts';
import type { OkmShell } from './okm-shell.ts';

export interface OddAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
/** How the given call is answered, counted from 0; null: not at all, the connection is broken off. */
type Answers = (call: { readonly line: string; readonly number: number }) => OddAnswer | null;

export interface OddKma extends AsyncDisposable {
  /** Method and path of what was asked, in order. */
  readonly asked: readonly string[];
  readonly session: Session;
}

export async function oddKma(answers: Answers): Promise<OddKma> {
  const asked: string[] = [];
  const { certificatePem: cert, privateKeyPem: key } = await makeSessionKey(Date.now());
  const server = https.createServer({ cert, key }, (request, response) => {
    const line = `${request.method} ${request.url}`;
    const answer = answers({ line, number: asked.push(line) - 1 });
    if (answer === null) {
      request.socket.destroy();
      return;
    }
    const headers = { 'Content-Type': 'application/json', ...answer.headers };
    request.resume().on('end', () => response.writeHead(answer.status, headers).end(answer.body ?? ''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const portOffset = (server.address() as AddressInfo).port - portOf({ portOffset: 0 }, 'management');
  const mine = await makeSessionKey(Date.now());
  return {
    asked,
    session: {
      place: { address: '127.0.0.1', portOffset, caKeySha256: caKeySha256(cert) },
      user: 'olga',
      caPem: cert,
      certificatePem: mine.certificatePem,
      privateKeyPem: mine.privateKeyPem,
      sealingKey: '00'.repeat(32),
      expiresAtMs: Date.now() + 3_600_000,
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const PROFILE = 'odd';
export const sessionFileOf = ({ home }: OkmShell): string => join(home, 'openkma', PROFILE, 'session.json');

/** As if somebody had logged in there with this okm. */
export async function logInAt({ session }: OddKma, okm: OkmShell): Promise<void> {
  const profiles = new Profiles(join(okm.home, 'openkma'));
  await profiles.create(PROFILE, session.place);
  await profiles.saveSession(PROFILE, session);
}
