/** nginx with the same certificates and cipher, answering fixed bytes, where it is installed; a second yardstick. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf } from '../src/processes/child-processes.ts';
import type { BareOrder } from './bare-server.ts';

export interface Nginx {
  readonly port: number;
  pids(): number[];
  stop(): void;
}

export function startNginx(folder: string, order: BareOrder, port: number): Nginx | null {
  if (spawnSync('nginx', ['-v']).status !== 0) return null;
  const home = join(folder, 'nginx');
  mkdirSync(home, { recursive: true });
  const answer = order.answer.replaceAll("'", '');
  writeFileSync(
    join(home, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${home}/pid; error_log ${home}/error.log;
events { worker_connections 512; }
http {
  access_log off; client_body_temp_path ${home}; proxy_temp_path ${home}; fastcgi_temp_path ${home}; uwsgi_temp_path ${home}; scgi_temp_path ${home};
  server {
    listen 127.0.0.1:${port} ssl; ssl_certificate ${order.certificateFile}; ssl_certificate_key ${order.keyFile};
    ssl_client_certificate ${order.caFile}; ssl_verify_client on; ssl_protocols TLSv1.2; ssl_ciphers ${order.ciphers}; ssl_session_cache off; ssl_session_tickets off;
    location / { default_type 'text/xml'; return 200 '${answer}'; }
  }
}`,
  );
  const child: ChildProcess = spawn('nginx', ['-c', join(home, 'nginx.conf'), '-p', home], {
    stdio: 'ignore',
  });
  const parent = child.pid ?? 0;
  return { port, pids: () => [parent, ...childrenOf(parent)], stop: () => child.kill('SIGTERM') };
}
