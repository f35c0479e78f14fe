/** The yardstick of the agent-call benchmark: a bare Node.js HTTPS server with the same certificates and cipher, which answers the same bytes and does nothing else. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

export interface BareOrder {
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly caFile: string;
  readonly ciphers: string;
  readonly answer: string;
}

process.on('message', (order: BareOrder) => {
  const answer = Buffer.from(order.answer);
  const server = createServer(
    {
      key: readFileSync(order.keyFile),
      cert: readFileSync(order.certificateFile),
      ca: readFileSync(order.caFile),
      ciphers: order.ciphers,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    },
    (request, response) => {
      request.on('data', () => undefined);
      request.on('end', () => {
        response.writeHead(200, {
          'content-type': 'text/xml; charset=utf-8',
          'content-length': answer.length,
        });
        response.end(answer);
      });
    },
  );
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
  });
});

process.on('disconnect', () => process.exit(0));
