/** Whether a line of an authorized_keys file is a key that sshd would take: whole, of the type that it says, and long enough. It computes nothing with the key. */

/** Type, base64, and perhaps one word; without the options that may stand before them, and without commas, which separate lists. */
const LINE =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com) ([A-Za-z0-9+/]{40,1400}={0,2})( [\x21-\x2b\x2d-\x7e]{1,100})?$/;
export const RSA_BITS_MIN = 3072;
/** Fields of each type behind its name (RFC 4253 6.6, RFC 5656, RFC 8709). */
const FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
};

export function isSshPublicKey(line: string): boolean {
  const [, type = '', base64 = ''] = LINE.exec(line) ?? [];
  const fields = fieldsOf(Buffer.from(base64, 'base64'));
  if (fields === null || fields[0]?.toString('latin1') !== type) return false;
  if (fields.length - 1 !== FIELDS[type]) return false;
  return type !== 'ssh-rsa' || bitsOf(fields[2]) >= RSA_BITS_MIN;
}

/** Each with its length before it; null where they do not end with the bytes. */
function fieldsOf(bytes: Buffer): readonly Buffer[] | null {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** Of a number with a zero byte before it where it would look negative. */
function bitsOf(number: Buffer | undefined): number {
  const hex = (number?.toString('hex') ?? '').replace(/^0+/, '');
  return hex === '' ? 0 : (hex.length - 1) * 4 + Number.parseInt(hex[0] ?? '0', 16).toString(2).length;
}
