/** From the body of a SOAP request to the body of its answer: decode, ask the core, encode. It decides nothing about keys or callers. */

import {
  decodeRequest,
  EncodeError,
  encodeResponse,
  type OperationName,
  type Responses,
} from '@openkma/protocol';
import type { ErrorCode } from '../errors.ts';
import { logEvent } from '../log-line.ts';
import type { SoapService } from '../ports.ts';
import type { FrontOrigin } from '../processes/messages.ts';
import type { CoreLink } from './core-link.ts';
import { faultBody } from './soap-fault.ts';

export interface SoapAnswer {
  readonly status: 200 | 500;
  /** Text, because Node.js then sends it together with the headers in one write. */
  readonly body: string;
}

/** A service knows its own operations only, so that a request at the wrong port names an unknown operation. */
export async function answerSoap(body: Uint8Array, origin: FrontOrigin, link: CoreLink): Promise<SoapAnswer> {
  const request = decodeRequest(origin.service, body);
  if (request.kind !== 'request') {
    if (request.kind !== 'unknown-operation' || !isOpenQuestion(body))
      link.refused(origin.service, request.kind, origin.address);
    return fault(request.kind === 'unknown-operation' ? 'NOT_SUPPORTED' : 'AGENT_INVALID_PARAMETERS');
  }
  const answer = await link.call(request.name, request.fields, origin);
  if ('fault' in answer) return fault(answer.fault);
  return respond(origin.service, request.name, answer.output);
}

/** What anybody may ask at the port of the CA, asked at another one, as a doctor does: that is no attempt of anything. */
function isOpenQuestion(body: Uint8Array): boolean {
  return decodeRequest('ca', body).kind === 'request';
}

export function fault(code: ErrorCode): SoapAnswer {
  return { status: 500, body: faultBody(code) };
}

/** What cannot be written by the table of the protocol would crash an agent (protocol 13), so it is not sent. */
function respond(service: SoapService, name: OperationName, output: unknown): SoapAnswer {
  try {
    return { status: 200, body: encodeResponse(service, name, output as Responses[typeof name]) };
  } catch (error) {
    const reason = error instanceof EncodeError ? error.message : 'not a response';
    logEvent('front', `${name}: ${reason}`);
    return fault('SERVER_ERROR');
  }
}
