/** Which OpenKMA this is, and what it runs on. It asks nobody whether there is a newer one. */
import { readFileSync } from 'node:fs';

const PACKAGE = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

export const VERSION = PACKAGE.version;

/** Of what KMAs say to each other and write into their logs: raised with each thing that the version before cannot read (core/replication-version.ts). */
export const REPLICATION_VERSION = 4;

/** Of the runtime's parts that a report of a fault has to name. */
export function runtimeVersions() {
  const { node, sqlite = '', openssl } = process.versions;
  return { node, sqlite, openssl };
}
