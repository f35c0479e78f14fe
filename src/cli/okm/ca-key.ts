/** The root CA's key as `--cacert` and `--ca-key` say it must be. It asks no KMA. */
import { readFileSync } from 'node:fs';
import { caKeySha256 } from '@openkma/protocol';
import { OpenKmaError } from '../../errors.ts';

const CA_KEY = /^[0-9A-Fa-f]{64}$/;

/** Where both are given they have to agree; null where neither is. */
export function knownCaKey(cacert: string | undefined, caKey: string | undefined): string | null {
  if (caKey !== undefined && !CA_KEY.test(caKey)) throw new OpenKmaError('USAGE', '--ca-key: 64 hex digits');
  const given = caKey?.toUpperCase() ?? null;
  if (cacert === undefined) return given;
  const found = keyOfCertificate(cacert);
  if (given !== null && given !== found)
    throw new OpenKmaError('USAGE', `${cacert} has another key than --ca-key says: ${found}`);
  return found;
}

function keyOfCertificate(path: string): string {
  try {
    return caKeySha256(readFileSync(path, 'latin1'));
  } catch {
    throw new OpenKmaError('USAGE', `${path} holds no certificate that can be read`);
  }
}
