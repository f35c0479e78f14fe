/** INFORMs to one receiver in the version that it was entered with: each is acknowledged before the next may go (RFC 3416, 4.2.7). It does not decide what is sent. */
import { sameBytes } from '@openkma/protocol';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { newId } from './engine-question.ts';
import { Exchange, type ExchangeTimes } from './exchange.ts';
import { PDU, type Pdu, readCommunityMessage, type Varbind, writeCommunityMessage } from './message.ts';
import { acknowledgement, type InformUser, SecuredInforms } from './secured-informs.ts';

export type InformSecurity =
  | ({ readonly protocol: 'v3' } & InformUser)
  | { readonly protocol: 'v2c'; readonly community: SecretBytes };

export interface Informs {
  /** Null when it was acknowledged, else why it was not. */
  send(varbinds: readonly Varbind[]): Promise<string | null>;
  close(): void;
}

/** `address` is a literal. */
export function informsTo(
  address: string,
  port: number,
  security: InformSecurity,
  times: ExchangeTimes,
): Informs {
  const exchange = new Exchange(address, port, times);
  const send =
    security.protocol === 'v3' ? secured(exchange, security) : inClear(exchange, security.community);
  return {
    send: (varbinds) =>
      send({ type: PDU.inform, requestId: newId(), errorStatus: 0, errorIndex: 0, varbinds }),
    close: () => exchange.close(),
  };
}

type Send = (pdu: Pdu) => Promise<string | null>;

function secured(exchange: Exchange, user: InformUser): Send {
  const informs = new SecuredInforms(exchange, user);
  return (pdu) => informs.send(pdu);
}

function inClear(exchange: Exchange, community: SecretBytes): Send {
  return async (pdu) => {
    const answered = await exchange.ask(writeCommunityMessage(community.reveal(), pdu), (bytes) => {
      const message = readCommunityMessage(bytes);
      const ours = message !== null && sameBytes(message.community, community.reveal());
      return ours && message.pdu.type === PDU.answer && message.pdu.requestId === pdu.requestId
        ? message.pdu
        : null;
    });
    return 'failed' in answered ? answered.failed : acknowledgement(answered.answer);
  };
}
