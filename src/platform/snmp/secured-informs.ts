/** INFORMs of SNMPv3 to one receiver, which is the authoritative engine of them: its engine ID is asked for, its clock is taken from what it signed (RFC 3414, 4). It sends nothing that is not encrypted but the question who is there. */
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { localizedSnmpKey, type SnmpAuthentication, type SnmpPrivacy } from '../../security/snmp-keys.ts';
import { askEngine, newId } from './engine-question.ts';
import type { Exchange } from './exchange.ts';
import { FLAG, PDU, type Pdu, type ReadMessage, readMessage, readScopedPdu } from './message.ts';
import { isAuthentic, opened, protect, type UserKeys } from './user-security.ts';

/** A user as the receiver knows him. The keys are good for any engine, so that the receiver may be another one tomorrow. */
export interface InformUser {
  readonly user: string;
  readonly authentication: SnmpAuthentication;
  readonly privacy: SnmpPrivacy;
  readonly authenticationKey: SecretBytes;
  readonly privacyKey: SecretBytes;
}

interface Engine {
  readonly id: Buffer;
  readonly keys: UserKeys;
  readonly boots: number;
  readonly time: number;
  readonly heardAtMs: number;
}
type Heard =
  | { readonly acknowledged: Pdu }
  | { readonly report: number; readonly signed: boolean; readonly message: ReadMessage };

/** Reports of the user-based model: usmStats and the number below it. */
const USM_STATS = '1.3.6.1.6.3.15.1.1.';
const NOT_IN_TIME_WINDOW = 2;
const UNKNOWN_ENGINE_ID = 4;
const REASONS: Readonly<Record<number, string>> = {
  1: 'the receiver does not take encrypted messages of this user',
  3: 'the receiver does not know the user',
  5: 'the receiver has another passphrase or another hash for this user',
  6: 'the receiver has another privacy passphrase or another cipher for this user',
};
/** Who is there, what time has he, the message itself; and once more where he was replaced meanwhile. */
const ROUNDS_MAX = 5;
const EMPTY = Buffer.alloc(0);

export class SecuredInforms {
  readonly #exchange: Exchange;
  readonly #user: InformUser;
  #engine: Engine | null = null;

  constructor(exchange: Exchange, user: InformUser) {
    this.#exchange = exchange;
    this.#user = user;
  }

  /** Null when it was acknowledged, else why it was not. */
  async send(pdu: Pdu): Promise<string | null> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const engine = this.#engine ?? (await this.#discovered());
      if (typeof engine === 'string') return engine;
      const heard = await this.#ask(engine, pdu);
      if (typeof heard === 'string') return heard;
      if ('acknowledged' in heard) return acknowledgement(heard.acknowledged);
      if (heard.report === NOT_IN_TIME_WINDOW && heard.signed) this.#engine = inTimeOf(engine, heard.message);
      else if (heard.report === UNKNOWN_ENGINE_ID) this.#engine = null;
      else return REASONS[heard.report] ?? 'the receiver refuses it';
    }
    return 'the receiver says of itself something else each time';
  }

  async #discovered(): Promise<Engine | string> {
    const answered = await askEngine(this.#exchange);
    if ('failed' in answered) return answered.failed;
    const { authentication, privacy, authenticationKey, privacyKey } = this.#user;
    const keys = {
      ...{ authentication, privacy },
      authenticationKey: localizedSnmpKey(authenticationKey, answered.answer, authentication),
      privacyKey: localizedSnmpKey(privacyKey, answered.answer, authentication),
    };
    // What it said of its clock nobody has signed: the first message asks for that.
    this.#engine = { id: answered.answer, keys, boots: 0, time: 0, heardAtMs: performance.now() };
    return this.#engine;
  }

  async #ask(engine: Engine, pdu: Pdu): Promise<Heard | string> {
    const messageId = newId();
    const passed = engine.boots === 0 ? 0 : Math.floor((performance.now() - engine.heardAtMs) / 1000);
    const header = {
      ...{ messageId, flags: FLAG.authenticated | FLAG.encrypted | FLAG.reportable },
      ...{ engineId: engine.id, engineBoots: engine.boots, engineTime: engine.time + passed },
      user: Buffer.from(this.#user.user),
    };
    const question = protect(header, { engineId: engine.id, context: EMPTY, pdu }, engine.keys);
    const answered = await this.#exchange.ask(question, (bytes) => {
      const message = readMessage(bytes);
      return message?.messageId === messageId ? heardIn(bytes, message, engine.keys, pdu) : null;
    });
    return 'failed' in answered ? answered.failed : answered.answer;
  }
}

/** Null for what is neither a report nor the acknowledgement, signed and encrypted. */
function heardIn(bytes: Buffer, message: ReadMessage, keys: UserKeys, asked: Pdu): Heard | null {
  const signed = isAuthentic(bytes, message, keys);
  const encrypted = (message.flags & FLAG.encrypted) !== 0;
  const pdu = encrypted ? (signed ? opened(message, keys) : null)?.pdu : readScopedPdu(message.scoped)?.pdu;
  if (pdu?.type === PDU.report) return { report: reportOf(pdu), signed, message };
  return pdu?.type === PDU.answer && signed && encrypted && pdu.requestId === asked.requestId
    ? { acknowledged: pdu }
    : null;
}

function reportOf({ varbinds }: Pdu): number {
  const name = varbinds[0]?.oid.join('.') ?? '';
  return name.startsWith(USM_STATS) ? Number.parseInt(name.slice(USM_STATS.length), 10) : 0;
}

function inTimeOf(engine: Engine, { engineBoots, engineTime }: ReadMessage): Engine {
  return { ...engine, boots: engineBoots, time: engineTime, heardAtMs: performance.now() };
}

export function acknowledgement({ errorStatus }: Pdu): string | null {
  return errorStatus === 0 ? null : `the receiver answered with error ${errorStatus}`;
}
