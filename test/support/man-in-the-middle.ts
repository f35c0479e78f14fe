/** An attacker between a client and a KMA: answers on ports of his own, passes messages on, and changes what he is told to. */
import { once } from 'node:events';
import http from 'node:http';
import https, { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Ports } from './raw-agent.ts';

export interface Interception {
  /** What he shows on 3332. */
  readonly tls: { readonly cert: string; readonly key: string };
  /** Changes an answer of 3331 before the client gets it. */
  readonly rewrite?: (xml: string) => string;
}

export interface ManInTheMiddle {
  readonly ports: Ports;
  /** Bodies that came by on 3332. */
  readonly seen: string[];
  close(): Promise<void>;
}

export async function standBetween(kma: Ports, { tls, rewrite }: Interception): Promise<ManInTheMiddle> {
  const seen: string[] = [];
  const agent = new Agent({ rejectUnauthorized: false });
  const pass =
    (secure: boolean): http.RequestListener =>
    async (request, response) => {
      const body = await text(request);
      if (secure) seen.push(body);
      const options = { method: 'POST', path: '/', host: '127.0.0.1', headers: request.headers };
      const onward = secure
        ? https.request({ ...options, port: kma.certificate, agent })
        : http.request({ ...options, port: kma.ca });
      onward.end(body);
      const [answer] = (await once(onward, 'response')) as [http.IncomingMessage];
      const answered = await text(answer);
      response.writeHead(answer.statusCode ?? 500, { 'Content-Type': 'text/xml; charset=utf-8' });
      response.end(secure ? answered : (rewrite?.(answered) ?? answered));
    };
  const [plain, secure] = [http.createServer(pass(false)), https.createServer(tls, pass(true))];
  const listen = async (server: http.Server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  return {
    ports: { ...kma, ca: await listen(plain), certificate: await listen(secure) },
    seen,
    async close() {
      agent.destroy();
      for (const server of [plain, secure]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function text(message: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
