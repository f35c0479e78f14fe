/** Why a syslog server does not get its messages now, in words for people. It holds no secret: of what the other side says a little, on one line. */
import { fitting, oneLine } from './one-line.ts';

export type TroubleKind = 'not reached' | 'not trusted' | 'not read' | 'closed' | 'noise';

const TEXT_BYTES_MAX = 200;

export class SyslogTrouble extends Error {
  override readonly name = 'SyslogTrouble';
  readonly kind: TroubleKind;
  constructor(kind: TroubleKind, text: string) {
    super(fitting(oneLine(text), TEXT_BYTES_MAX));
    this.kind = kind;
  }
}

/** What OpenSSL and Node.js say of a certificate that does not verify, of another name, or that is out of date. */
const OF_CERTIFICATES =
  /^(ERR_TLS_CERT|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|INVALID_(CA|PURPOSE)|HOSTNAME|PATH_LENGTH|ERROR_IN_CERT)/;

/** Of an error while connecting, or of a connection. */
export function troubleOf(error: unknown, otherwise: TroubleKind): SyslogTrouble {
  if (error instanceof SyslogTrouble) return error;
  const { code, message } = error instanceof Error ? codeAndMessage(error) : { code: '', message: 'unknown' };
  if (OF_CERTIFICATES.test(code)) return new SyslogTrouble('not trusted', certificateText(code, message));
  return new SyslogTrouble(otherwise, message);
}

/** Of a wrong name Node.js says which there are. */
function certificateText(code: string, message: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return message;
  if (code === 'CERT_HAS_EXPIRED') return "the server's certificate has expired";
  return `the server's certificate is not of the loaded CA (${code})`;
}

function codeAndMessage(error: NodeJS.ErrnoException): { code: string; message: string } {
  // Of several addresses tried at once the message is empty.
  return { code: error.code ?? '', message: error.message || (error.code ?? 'unknown') };
}
