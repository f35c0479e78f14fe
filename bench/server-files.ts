/** A KMA's certificate and key and those of an agent as files, so that other servers and callers work with the same ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTlsKeyPem } from '../src/setup/local-identity.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import type { BenchKma } from './bench-kma.ts';

interface CertificateFiles {
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly caFile: string;
}

export function serverFiles(kma: BenchKma): {
  readonly server: CertificateFiles;
  readonly client: CertificateFiles;
} {
  const { folder, data } = kma.kma;
  const { ca, cert, key } = kma.identity();
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const caFile = file('ca.pem', ca);
  return {
    server: {
      keyFile: file('server.key', readTlsKeyPem(DataDirectory.open(data))),
      certificateFile: file('server.pem', kma.kma.serverCertificatePem()),
      caFile,
    },
    client: { keyFile: file('client.key', key), certificateFile: file('client.pem', cert), caFile },
  };
}
