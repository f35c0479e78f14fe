/** A real rsyslogd with a configuration, port and files of its own; it writes what it receives as lines of JSON, with structured data as it parsed it. It listens on 127.0.0.1 alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { accepts } from './accepts.ts';
import { freePort } from './free-port.ts';
import type { Issued, TestAuthority } from './test-authority.ts';
import { until, within } from './until.ts';

export interface RsyslogdTls {
  readonly authority: TestAuthority;
  readonly server: Issued;
  /** The client has to show a certificate of the authority with this name. */
  readonly client?: string;
}

const received = z.object({
  facility: z.string(),
  severity: z.string(),
  host: z.string(),
  app: z.string(),
  msgid: z.string(),
  msg: z.string(),
  raw: z.string(),
  fields: z.record(z.string(), z.record(z.string(), z.string())).nullable(),
});
export type Received = z.infer<typeof received>;

/** Of messages without structured data. */
const NO_FIELDS = /"fields":\}$/;
const PROPERTIES: Readonly<Record<string, string>> = {
  facility: 'syslogfacility',
  severity: 'syslogseverity-text',
  host: 'hostname',
  app: 'app-name',
  msgid: 'msgid',
  msg: 'msg',
  raw: 'rawmsg',
};

export class Rsyslogd {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;
  stderr = '';

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  /** Running; `folder` is made. */
  static async start(folder: string, tls: RsyslogdTls | null = null, port?: number): Promise<Rsyslogd> {
    mkdirSync(folder, { recursive: true });
    const rsyslogd = new Rsyslogd(folder, port ?? (await freePort()));
    writeFileSync(rsyslogd.#configuration, configurationOf(folder, rsyslogd.port, tls));
    await rsyslogd.resume();
    return rsyslogd;
  }

  get #configuration(): string {
    return join(this.#folder, 'rsyslog.conf');
  }

  async resume(): Promise<void> {
    const words = ['-n', '-f', this.#configuration, '-i', join(this.#folder, 'pid')];
    const child = spawn('rsyslogd', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.on('error', () => {
      this.stderr += 'rsyslogd cannot be started: is the Debian package rsyslog installed?\n';
    });
    child.stderr.on('data', (text) => {
      this.stderr += text;
    });
    this.#child = child;
    await until(`rsyslogd listens: ${this.stderr}`, () => accepts('127.0.0.1', this.port));
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await within(`the end of rsyslogd after ${signal}`, ended).finally(() => child.kill('SIGKILL'));
  }
  /** It goes on listening and reads nothing. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** All that it has written; of what is being written the whole lines. */
  received(): readonly Received[] {
    const path = join(this.#folder, 'received.json');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => received.parse(JSON.parse(line.replace(NO_FIELDS, '"fields":null}'))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    await this.stop('SIGKILL');
  }
}

function configurationOf(folder: string, port: number, tls: RsyslogdTls | null): string {
  const properties = Object.entries(PROPERTIES).map(
    ([name, property]) => `property(outname="${name}" name="${property}" format="jsonf") constant(value=",")`,
  );
  return `global(workDirectory="${folder}"${tls === null ? '' : tlsFiles(tls)})
module(load="imtcp"${tls === null ? '' : tlsDriver(tls)})
module(load="mmpstrucdata")
template(name="json" type="list") {
  constant(value="{") ${properties.join(' ')}
  constant(value="\\"fields\\":") property(name="$!rfc5424-sd") constant(value="}\\n")
}
input(type="imtcp" address="127.0.0.1" port="${port}")
action(type="mmpstrucdata" sd_name.lowercase="off")
action(type="omfile" file="${join(folder, 'received.json')}" template="json")
`;
}

function tlsFiles({ authority, server }: RsyslogdTls): string {
  return ` defaultNetstreamDriverCAFile="${authority.file}" defaultNetstreamDriverCertFile="${server.certificateFile}" defaultNetstreamDriverKeyFile="${server.keyFile}"`;
}

function tlsDriver({ client }: RsyslogdTls): string {
  const who =
    client === undefined
      ? 'streamDriver.authMode="anon"'
      : `streamDriver.authMode="x509/name" permittedPeer=["${client}"]`;
  return ` streamDriver.name="gtls" streamDriver.mode="1" ${who}`;
}
