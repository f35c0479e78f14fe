/** Messages of SNMP as bytes: version 3 with the user-based security model (RFC 3412, 3414) and version 2c (RFC 1901). It neither signs nor encrypts, and believes nothing. */
import {
  BerReader,
  element,
  integer,
  MalformedBer,
  type Oid,
  octets,
  oid as oidElement,
  sequence,
  TYPE,
} from './ber.ts';

export const PDU = {
  get: 0xa0,
  getNext: 0xa1,
  answer: 0xa2,
  set: 0xa3,
  getBulk: 0xa5,
  inform: 0xa6,
  report: 0xa8,
} as const;

export const FLAG = { authenticated: 1, encrypted: 2, reportable: 4 } as const;

/** What a UDP datagram holds over IPv4. */
export const MESSAGE_BYTES_MAX = 65_507;
/** Of messages and of requests. */
export const ID_MAX = 0x7f_ff_ff_ff;
export const ENGINE_ID_BYTES = { minimum: 5, maximum: 32 } as const;
const USER_BYTES_MAX = 32;
const COMMUNITY_BYTES_MAX = 255;
const MAC_BYTES_MAX = 64;
const SALT_BYTES_MAX = 8;
const VARBINDS_MAX = 256;
const USER_BASED = 3;
const VERSION_2C = 1;
const VERSION_3 = 3;

export interface Varbind {
  readonly oid: Oid;
  /** The whole element, ready to be written. */
  readonly value: Uint8Array;
}
export interface Pdu {
  readonly type: number;
  readonly requestId: number;
  /** Of a bulk request the number of those that are not repeated. */
  readonly errorStatus: number;
  /** Of a bulk request how often the rest is repeated. */
  readonly errorIndex: number;
  readonly varbinds: readonly Varbind[];
}

/** Version 3 as it lies on the wire. */
export interface SecuredMessage {
  readonly messageId: number;
  readonly flags: number;
  readonly engineId: Buffer;
  readonly engineBoots: number;
  readonly engineTime: number;
  readonly user: Buffer;
  readonly mac: Buffer;
  readonly salt: Buffer;
  /** A scoped PDU, or its encryption. */
  readonly scoped: Buffer;
}
export interface ReadMessage extends SecuredMessage {
  /** Where the mac lies in the message. */
  readonly macAt: number;
  /** What its sender takes at most. */
  readonly bytesMax: number;
}
export interface ScopedPdu {
  readonly engineId: Buffer;
  readonly context: Buffer;
  readonly pdu: Pdu;
}

/** Null for whatever is no message of version 3. */
export function readMessage(bytes: Buffer): ReadMessage | null {
  return orNull(() => {
    const message = new BerReader(bytes).within(TYPE.sequence);
    if (message.integer() !== VERSION_3) return null;
    const header = message.within(TYPE.sequence);
    const [messageId, bytesMax] = [header.integer(), header.integer()];
    const [flags] = header.octets(1);
    if (flags === undefined || header.integer() !== USER_BASED) return null;
    const security = new BerReader(message.octets(bytes.length)).within(TYPE.sequence);
    const engineId = security.octets(ENGINE_ID_BYTES.maximum);
    const [engineBoots, engineTime] = [security.integer(), security.integer()];
    const user = security.octets(USER_BYTES_MAX);
    const mac = security.octets(MAC_BYTES_MAX);
    const salt = security.octets(SALT_BYTES_MAX);
    const encrypted = (flags & FLAG.encrypted) !== 0;
    const scoped = encrypted
      ? message.octets(bytes.length)
      : sequence(message.octets(bytes.length, TYPE.sequence));
    const macAt = mac.byteOffset - bytes.byteOffset;
    return {
      ...{ messageId, bytesMax, flags, engineId, engineBoots, engineTime },
      ...{ user, mac, macAt, salt, scoped },
    };
  });
}

export function writeMessage(message: SecuredMessage): Buffer {
  const security = sequence(
    octets(message.engineId),
    integer(message.engineBoots),
    integer(message.engineTime),
    octets(message.user),
    octets(message.mac),
    octets(message.salt),
  );
  return sequence(
    integer(VERSION_3),
    sequence(
      integer(message.messageId),
      integer(MESSAGE_BYTES_MAX),
      octets(Buffer.of(message.flags)),
      integer(USER_BASED),
    ),
    octets(security),
    (message.flags & FLAG.encrypted) === 0 ? message.scoped : octets(message.scoped),
  );
}

/** What follows the scoped PDU is what a cipher filled up with. */
export function readScopedPdu(bytes: Buffer): ScopedPdu | null {
  return orNull(() => {
    const scoped = new BerReader(bytes).within(TYPE.sequence);
    const engineId = scoped.octets(ENGINE_ID_BYTES.maximum);
    const context = scoped.octets(255);
    return { engineId, context, pdu: readPdu(scoped) };
  });
}
export function writeScopedPdu({ engineId, context, pdu }: ScopedPdu): Buffer {
  return sequence(octets(engineId), octets(context), writePdu(pdu));
}

/** Null for whatever is no message of version 2c. */
export function readCommunityMessage(
  bytes: Buffer,
): { readonly community: Buffer; readonly pdu: Pdu } | null {
  return orNull(() => {
    const message = new BerReader(bytes).within(TYPE.sequence);
    if (message.integer() !== VERSION_2C) return null;
    return { community: message.octets(COMMUNITY_BYTES_MAX), pdu: readPdu(message) };
  });
}
export function writeCommunityMessage(community: Uint8Array, pdu: Pdu): Buffer {
  return sequence(integer(VERSION_2C), octets(community), writePdu(pdu));
}

function readPdu(reader: BerReader): Pdu {
  const type = reader.type;
  const pdu = reader.within(type);
  const [requestId, errorStatus, errorIndex] = [pdu.integer(), pdu.integer(), pdu.integer()];
  const list = pdu.within(TYPE.sequence);
  const varbinds: Varbind[] = [];
  while (!list.atEnd) {
    if (varbinds.length === VARBINDS_MAX) throw new MalformedBer('too many variables');
    const varbind = list.within(TYPE.sequence);
    const oid = varbind.oid();
    const value = varbind.value();
    varbinds.push({ oid, value: element(value.type, value.content) });
  }
  return { type, requestId, errorStatus, errorIndex, varbinds };
}

function writePdu({ type, requestId, errorStatus, errorIndex, varbinds }: Pdu): Buffer {
  const list = varbinds.map(({ oid, value }) => sequence(oidElement(oid), value));
  return element(type, integer(requestId), integer(errorStatus), integer(errorIndex), sequence(...list));
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedBer) return null;
    throw error;
  }
}
