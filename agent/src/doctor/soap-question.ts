/** Questions to the SOAP services of a KMA that change nothing there, and what their answers say. They are sent elsewhere. */
import {
  type ClusterMember,
  canonicalPem,
  decodeResponse,
  encodeRequest,
  type Fault,
  forbiddenWord,
  isFault,
  MalformedResponseError,
  type OperationName,
  type Requests,
  type Responses,
  type Service,
} from '@openkma/protocol';
import type { HttpQuestion, HttpReply } from './http-question.ts';
import { type Finding, failed, ok, warning } from './step.ts';

/** What an answer said: how the step went, and what else it tells of the KMA or the cluster. */
export interface Heard {
  readonly finding: Finding;
  readonly caPem?: string;
  readonly timeMs?: number;
  readonly members?: readonly ClusterMember[];
}
export interface Question extends HttpQuestion {
  judge(reply: HttpReply): Heard;
}

/** For those who ask without a name of their own. A KMA tells nobody whether there is such an agent. */
const NOBODY = 'doctor';
const BUSY = 1001;
const LOCKED = 1018;
const NOT_ALLOWED: readonly number[] = [1000, 1002];
const ONE_GROUP: Requests['ListKeyGroups'] = {
  queryParameters: {
    nextPageSize: 1,
    sortFieldName: '',
    sortOrder: 'SORT-ORDER-ASCENDING',
    filterParameters: [],
    previousPageLastIdValue: '',
    previousPageLastSortFieldValue: '',
  },
};

export const caQuestion = (): Question =>
  question('ca', 'RetrieveRootCACertificate', { entityId: NOBODY }, ({ rootCaCertificate }) => {
    const caPem = readCertificate(rootCaCertificate);
    if (caPem === null) return { finding: failed('answer-odd', 'its root CA certificate cannot be read') };
    return { finding: ok('gives its root CA certificate'), caPem };
  });

export const clockQuestion = (): Question =>
  question('ca', 'RetrieveLocalClock', { entityId: NOBODY }, ({ currentTime }) => ({
    finding: ok('gives its time'),
    timeMs: currentTime,
  }));

/** A proof would be counted as one that failed. An operation of another service is refused, and the refusal is the answer. */
export const certificateQuestion = (): Question => ({
  ...request('ca', 'RetrieveLocalClock', { entityId: NOBODY }),
  judge(reply) {
    const read = readReply('certificate', 'RetrieveEntityCertificate', reply);
    return { finding: isFault(read) ? ok('answers; nothing was proven') : odd(read) };
  },
});

export const discoveryQuestion = (): Question =>
  question('discovery', 'DiscoverCluster', {}, ({ clusterMembers }) => ({
    finding: ok(clusterMembers.length === 1 ? 'names one KMA' : `names ${clusterMembers.length} KMAs`),
    members: clusterMembers,
  }));

export const agentQuestion = (): Question =>
  question('agent', 'ListKeyGroups', ONE_GROUP, () => ({ finding: ok('answers this agent') }));

function readCertificate(bytes: Uint8Array): string | null {
  try {
    return canonicalPem(Buffer.from(bytes).toString('latin1'));
  } catch {
    return null;
  }
}

function question<Name extends OperationName>(
  service: Service,
  name: Name,
  fields: Requests[Name],
  heard: (response: Responses[Name]) => Heard,
): Question {
  return {
    ...request(service, name, fields),
    judge(reply) {
      const read = readReply(service, name, reply);
      if (read instanceof Error) return { finding: odd(read) };
      return isFault(read) ? { finding: refused(read) } : heard(read);
    },
  };
}

function request<Name extends OperationName>(
  service: Service,
  name: Name,
  fields: Requests[Name],
): HttpQuestion {
  return {
    method: 'POST',
    path: '/',
    headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '""' },
    body: encodeRequest(service, name, fields),
  };
}

function readReply<Name extends OperationName>(
  service: Service,
  name: Name,
  { status, body }: HttpReply,
): Responses[Name] | Fault | MalformedResponseError {
  try {
    return decodeResponse(service, name, body);
  } catch (error) {
    if (!(error instanceof MalformedResponseError)) throw error;
    return new MalformedResponseError(name, `HTTP status ${status}`);
  }
}

function odd(read: unknown): Finding {
  return failed('answer-odd', read instanceof Error ? read.message : 'answers what it should refuse');
}

function refused({ number, text }: Fault): Finding {
  const said = number === null ? text : `${number} ${text}`;
  if (number === LOCKED) return failed('locked', said);
  if (number === BUSY) return warning('busy', said);
  if (number !== null && NOT_ALLOWED.includes(number)) return failed('identity-refused', said);
  if (number === null && forbiddenWord(text) !== null) return failed('server-error', said);
  return failed('answer-odd', said);
}
