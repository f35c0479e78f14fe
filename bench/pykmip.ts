/** PyKMIP from Debian's packages, unpacked into a folder and not installed, with its server and a client of its own; where it cannot be had, the reason. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { until } from '../test/support/until.ts';
import type { Measured } from './callers.ts';
import { cpuMs } from './cpu.ts';

const PYTHON = '/usr/bin/python3';
const PACKAGES = [
  'python3-pykmip',
  ...['cryptography', 'six', 'sqlalchemy', 'yaml', 'requests', 'cffi-backend', 'greenlet', 'urllib3'].map(
    (name) => `python3-${name}`,
  ),
  ...['python3-idna', 'python3-certifi', 'python3-chardet', 'libyaml-0-2'],
];

export interface KmipFiles {
  readonly server: { readonly key: string; readonly cert: string };
  readonly client: { readonly key: string; readonly cert: string };
  readonly ca: string;
}
export interface KmipOrder {
  readonly kind: 'create' | 'get';
  readonly kept: boolean;
  /** Of all callers together, a multiple of their number. */
  readonly calls: number;
  readonly callers: number;
}

/** The environment Python needs to find the packages, or why there are none. */
export function unpackPyKmip(folder: string): NodeJS.ProcessEnv | { readonly missing: string } {
  const home = join(folder, 'pykmip');
  const root = join(home, 'root');
  mkdirSync(root, { recursive: true });
  const tell = (what: string, { stderr, error }: { stderr: string; error?: Error }) => ({
    missing: `${what}: ${(error?.message ?? stderr).trim().split('\n').at(-1)}`,
  });
  const run = (command: string, ...args: string[]) => {
    const { status, stderr, error } = spawnSync(command, args, { cwd: home, encoding: 'utf8' });
    return { status, stderr, ...(error === undefined ? {} : { error }) };
  };
  // The lists may be those of another day, and then no file has the name they say; as an ordinary user they stay as they are.
  run('apt-get', 'update');
  const fetched = run('apt-get', 'download', ...PACKAGES);
  if (fetched.status !== 0) return tell('apt-get download', fetched);
  for (const file of readdirSync(home).filter((name) => name.endsWith('.deb'))) {
    const unpacked = run('dpkg', '-x', file, root);
    if (unpacked.status !== 0) return tell(`dpkg -x ${file}`, unpacked);
  }
  const environment = {
    ...process.env,
    PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
    LD_LIBRARY_PATH: join(root, 'usr/lib', multiarch()),
  };
  const tried = spawnSync(PYTHON, ['-c', 'import kmip.services.server'], {
    env: environment,
    encoding: 'utf8',
  });
  return tried.status === 0 ? environment : tell('import kmip', tried);
}

function multiarch(): string {
  return process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
}

type Python = ChildProcessByStdio<Writable, Readable, null>;

export class PyKmip implements Disposable {
  readonly #server: Python;
  readonly #client: Python;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  tls = '';

  private constructor(server: Python, client: Python) {
    this.#server = server;
    this.#client = client;
    this.#reader = createInterface({ input: client.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  static async start(
    environment: NodeJS.ProcessEnv,
    folder: string,
    files: KmipFiles,
    port: number,
  ): Promise<PyKmip> {
    const python = (file: string, ...args: string[]) =>
      spawn(PYTHON, [fileURLToPath(new URL(`./pykmip/${file}`, import.meta.url)), ...args], {
        env: environment,
        cwd: folder,
        stdio: ['pipe', 'pipe', 'ignore'],
        // A process group of its own: the server has a child for its policies, which would outlive it.
        detached: true,
      });
    const server = python('server.py', configure(folder, files, port), join(folder, 'pykmip.log'));
    await until('PyKMIP listens', () => listens(port));
    const { key, cert } = files.client;
    const kmip = new PyKmip(server, python('client.py', String(port), key, cert, files.ca));
    const { protocol, cipher } = (await kmip.#line()) as { protocol: string; cipher: string };
    kmip.tls = `${protocol} ${cipher}`;
    return kmip;
  }

  /** The processor time is the server's alone. */
  async calls(order: KmipOrder): Promise<Measured> {
    const { calls } = order;
    const pid = this.#server.pid ?? 0;
    const before = cpuMs([pid]);
    this.#client.stdin.write(`${JSON.stringify(order)}\n`);
    const { seconds } = (await this.#line()) as { seconds: number };
    const cpuMsPerCall = (cpuMs([pid]) - before) / calls;
    return {
      calls,
      callsPerSecond: calls / seconds,
      cpuMsPerCall,
      cpuMsByProcess: new Map([['server', cpuMsPerCall]]),
      callerCpuMsPerCall: 0,
    };
  }

  [Symbol.dispose](): void {
    this.#reader.close();
    for (const { pid } of [this.#client, this.#server]) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }

  async #line(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the PyKMIP client has ended');
    return JSON.parse(value);
  }
}

/** As little logging as it has, and the suite nearest to that of old OKM agents: RSA key transport and AES-256 in CBC. */
function configure(folder: string, files: KmipFiles, port: number): string {
  const policies = join(folder, 'pykmip-policies');
  mkdirSync(policies);
  const path = join(folder, 'pykmip.conf');
  const lines = [
    '[server]',
    'hostname=127.0.0.1',
    `port=${port}`,
    `certificate_path=${files.server.cert}`,
    `key_path=${files.server.key}`,
    `ca_path=${files.ca}`,
    'auth_suite=TLS1.2',
    'tls_cipher_suites=TLS_RSA_WITH_AES_256_CBC_SHA256',
    'enable_tls_client_auth=True',
    'logging_level=CRITICAL',
    `policy_path=${policies}`,
    `database_path=${join(folder, 'pykmip.db')}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
