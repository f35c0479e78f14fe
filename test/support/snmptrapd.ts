/** A real snmptrapd on a free port, for tests: what it received, line by line. It ends with its test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { until, within } from './until.ts';

const PATH = [process.env['PATH'] ?? '', '/usr/sbin', '/usr/local/sbin'].join(delimiter);

export interface Received {
  /** By the number of its object identifier below the product's, 1 to 9; 200 is the name of the KMA. */
  readonly [variable: number]: string;
}

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

export class Snmptrapd {
  readonly port: number;
  readonly received: Received[] = [];
  readonly lines: string[] = [];
  readonly #folder: string;
  readonly #listens: string;
  #process: ChildProcess | null = null;

  private constructor(port: number, folder: string, address: string) {
    this.port = port;
    this.#listens = isIPv6(address) ? `udp6:[${address}]:${port}` : `udp:${address}:${port}`;
    this.#folder = folder;
  }

  /** `configuration` holds users and communities; the persistent directory keeps its engine through restarts. */
  static async start(
    t: Pick<TestContext, 'after'>,
    configuration: readonly string[],
    address = '127.0.0.1',
  ): Promise<Snmptrapd> {
    const folder = mkdtempSync(join(tmpdir(), 'openkma-snmptrapd-'));
    mkdirSync(join(folder, 'persistent'));
    writeFileSync(join(folder, 'snmptrapd.conf'), `${configuration.join('\n')}\n`);
    const receiver = new Snmptrapd(await freeUdpPort(), folder, address);
    t.after(async () => {
      await receiver.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    await receiver.begin();
    return receiver;
  }

  async begin(): Promise<void> {
    const conf = join(this.#folder, 'snmptrapd.conf');
    const format = 'TRAP|%v\\n';
    const args = ['-f', '-Lo', '-C', '-c', conf, '-On', '-m', '', '-F', format, this.#listens];
    const child = spawn('snmptrapd', args, {
      env: { PATH, SNMP_PERSISTENT_DIR: join(this.#folder, 'persistent'), MIBS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    let failed: Error | null = null;
    child.on('error', (error) => {
      failed = error;
    });
    let ready = false;
    let rest = '';
    const take = (text: string) => {
      rest += text;
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 1);
        this.lines.push(line);
        if (line.includes('NET-SNMP version')) ready = true;
        if (line.startsWith('TRAP|')) this.received.push(variablesOf(line));
      }
    };
    child.stdout?.setEncoding('utf8').on('data', take);
    child.stderr?.setEncoding('utf8').on('data', take);
    await until('snmptrapd of Debian package snmptrapd runs', () => {
      if (failed !== null) throw failed;
      return ready;
    });
  }

  /** As after a new installation. */
  loseEngine(): void {
    rmSync(join(this.#folder, 'persistent'), { recursive: true });
    mkdirSync(join(this.#folder, 'persistent'));
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await within('the end of snmptrapd', ended).finally(() => child.kill('SIGKILL'));
  }
}

/** `.1.3.6.1.4.1.42.2.22.99.8.0 = STRING: "number=1"`, one after the other between tabs. */
function variablesOf(line: string): Received {
  const variables = line.matchAll(
    /\.1\.3\.6\.1\.4\.1\.42\.2\.22\.99\.(\d+)(?:\.1)?\.0 = STRING: "?(.*?)"?(?=\t|$)/g,
  );
  return Object.fromEntries([...variables].map(([, number, text]) => [Number(number), text ?? '']));
}
