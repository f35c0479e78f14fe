/** A certificate authority of the openssl command for tests: issues certificates for servers and clients that are none of the KMA's. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** PEM, and the files it lies in. */
export interface Issued {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export class TestAuthority {
  readonly #folder: string;
  readonly pem: string;
  readonly file: string;
  #issued = 0;

  /** `folder` is made. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.file = join(folder, 'ca.pem');
    const files = ['-keyout', join(folder, 'ca.key'), '-out', this.file];
    openssl(
      'req',
      '-x509',
      ...KEY,
      ...files,
      '-days',
      '30',
      '-subj',
      `/CN=test authority ${basename(folder)}`,
    );
    this.pem = readFileSync(this.file, 'utf8');
  }

  /** `names` as openssl has them: "DNS:logs.test", "IP:127.0.0.1". */
  issue(commonName: string, names: readonly string[], days = 30): Issued {
    this.#issued += 1;
    const path = (ending: string) => join(this.#folder, `${this.#issued}.${ending}`);
    openssl('req', ...KEY, '-keyout', path('key'), '-out', path('csr'), '-subj', `/CN=${commonName}`);
    writeFileSync(path('ext'), names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`);
    const signing = ['-CA', this.file, '-CAkey', join(this.#folder, 'ca.key'), '-CAcreateserial'];
    const files = ['-in', path('csr'), '-out', path('pem'), '-extfile', path('ext')];
    openssl('x509', '-req', ...signing, ...files, '-days', String(days));
    return {
      certificatePem: readFileSync(path('pem'), 'utf8'),
      keyPem: readFileSync(path('key'), 'utf8'),
      certificateFile: path('pem'),
      keyFile: path('key'),
    };
  }
}

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { stdio: 'pipe' });
}
