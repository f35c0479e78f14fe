/** Everything that surrounds the key service, switched on for a measurement: a time server that is there, and a DNS server, SNMP manager and syslog servers that are away. It measures nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_PATH } from '../scripts/test-programs.ts';
import { OFFICER } from '../test/support/kma.ts';
import { until } from '../test/support/until.ts';
import type { BenchKma } from './bench-kma.ts';
import { freePort } from './free-port.ts';

interface Status {
  readonly platform: readonly { readonly part: string; readonly summary: string }[];
}
type Step = readonly [operation: string, input: object];

/** Where nobody answers. */
const NOBODY = '127.0.0.53';
const SNMP = { userName: 'bench', passphrase: 'Bench-the-alarms-1' };

export class Surroundings implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'openkma-surroundings-'));
  readonly #time: ChildProcess;
  readonly #timePort: number;
  /** Takes what is sent and never answers. */
  readonly #silent: Socket;
  readonly #closedPort: number;

  private constructor(timePort: number, closedPort: number, silent: Socket) {
    this.#timePort = timePort;
    this.#closedPort = closedPort;
    this.#silent = silent;
    const config = join(this.#folder, 'chrony.conf');
    const lines = [`port ${timePort}`, 'bindaddress 127.0.0.1', 'local stratum 3', 'allow', 'cmdport 0'];
    // chronyd removes its pid file at its end, whatever that is.
    const own = `pidfile ${join(this.#folder, 'chronyd.pid')}`;
    writeFileSync(config, [...lines, 'bindcmdaddress /', own, ''].join('\n'));
    this.#time = spawn('chronyd', ['-d', '-x', '-u', 'root', '-f', config], {
      stdio: 'ignore',
      env: { ...process.env, PATH: TEST_PATH },
    });
    this.#time.once('error', (error) => process.stderr.write(`chronyd: ${error.message}\n`));
  }

  static async start(): Promise<Surroundings> {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    return new Surroundings(await freePort(), await freePort(), silent);
  }

  async switchOn(kma: BenchKma): Promise<void> {
    const away = { address: '127.0.0.1', transport: 'tcp', port: this.#closedPort };
    const steps: readonly Step[] = [
      ['SetDns', { servers: [NOBODY], domain: 'example.com' }],
      ['SetNtpServer', { server: '127.0.0.1', port: this.#timePort }],
      ['EnableTechnicalSupport', { password: 'Looks-after-the-4th-tape' }],
      [
        'CreateSnmpManager',
        { manager: 'away', address: '127.0.0.1', port: this.#silent.address().port, ...SNMP },
      ],
      ['EnableHmp', SNMP],
      ['CreateSyslogServer', { server: 'away', ...away }],
      ['CreateSyslogServer', { server: 'unknown', ...away, address: 'logs' }],
    ];
    for (const [operation, input] of steps) await kma.kma.ask(operation, input, OFFICER);
    // What is refused is an alarm, which the receivers are to be told of.
    const refused = () => kma.kma.ask('DeleteUser', { user: 'nobody' }, OFFICER).catch(() => undefined);
    for (let alarm = 0; alarm < 10; alarm += 1) await refused();
    await until('all parts are on', async () => (await this.told(kma)).length >= 6);
  }

  async switchOff(kma: BenchKma): Promise<void> {
    const steps: readonly Step[] = [
      ['DeleteSyslogServer', { server: 'unknown' }],
      ['DeleteSyslogServer', { server: 'away' }],
      ['DisableHmp', {}],
      ['DeleteSnmpManager', { manager: 'away' }],
      ['DisableTechnicalSupport', {}],
      ['SetNtpServer', { server: 'none' }],
      ['SetDns', { servers: [] }],
    ];
    for (const [operation, input] of steps) await kma.kma.ask(operation, input, OFFICER);
  }

  /** What each part says of itself. */
  async told(kma: BenchKma): Promise<readonly string[]> {
    const { platform } = await kma.kma.ask<Status>('ShowStatus', {});
    return platform.map(({ part, summary }) => `${part}: ${summary}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#silent.close();
    this.#time.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
