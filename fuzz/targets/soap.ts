/** The SOAP codec in both directions: nothing throws but what is declared, and what was understood is written and read back alike. */
import assert from 'node:assert/strict';
import {
  decodeRequest,
  decodeResponse,
  EncodeError,
  encodeRequest,
  encodeResponse,
  isFault,
  MalformedResponseError,
  OPERATIONS,
  type OperationName,
  type Requests,
  type Responses,
  SERVICES,
  type Service,
} from '@openkma/protocol';
import { anyFields, type Side } from '../../protocol/src/arbitraries.ts';
import { sample } from '../fast-check.ts';
import type { Random } from '../random.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';
import { mutateXml, XML_WORDS } from '../xml-words.ts';

/** The first byte of an input chooses one: a service that is asked, or an operation that is answered. */
const READERS: readonly { readonly side: Side; readonly service: Service; readonly name: OperationName }[] = (
  Object.keys(OPERATIONS) as OperationName[]
).flatMap((name) => [
  { side: 'request', service: OPERATIONS[name].service, name },
  { side: 'response', service: OPERATIONS[name].service, name },
]);

function generate(random: Random): Uint8Array {
  const reader = random.below(READERS.length);
  const { side, service, name } = READERS[reader] ?? assert.fail();
  const fields = sample(random, anyFields(OPERATIONS[name][side].shape, side));
  return Buffer.concat([Buffer.of(reader), Buffer.from(written(side, service, name, fields))]);
}

/** An envelope of nothing where the fields cannot be written. */
function written(side: Side, service: Service, name: OperationName, fields: object): string {
  try {
    return side === 'request'
      ? encodeRequest(service, name, fields as Requests[typeof name])
      : encodeResponse(service, name, fields as Responses[typeof name]);
  } catch (error) {
    if (error instanceof EncodeError) return '<a/>';
    throw error;
  }
}

/** Why something was not understood, without the places and names that the input chose. */
function reasonOf(detail: string): string {
  const words = detail.replace(/^\d+:\d+: /, '').replace(/"[^"]*"|\d+/g, '#');
  return (
    /^(malformed name|un\w+ (?:closing )?tag|duplicate attribute|unbound namespace prefix|[^:]{0,60})/.exec(
      words,
    )?.[0] ?? ''
  );
}

function ask(service: Service, body: Uint8Array): string {
  const decoded = decodeRequest(service, body);
  if (decoded.kind !== 'request') return `${service} ${decoded.kind} ${reasonOf(decoded.detail)}`;
  const { name, fields } = decoded;
  promise(OPERATIONS[name].service === service, 'an operation of another service was understood');
  const again = decodeRequest(
    service,
    Buffer.from(encodeRequest(service, name, fields as Requests[typeof name])),
  );
  promise(
    again.kind === 'request' && again.name === name,
    'a request that was understood is not when written anew',
  );
  assert.deepEqual(again.fields, fields);
  return `${service} understood ${name}`;
}

function answer(service: Service, name: OperationName, body: Uint8Array): string {
  try {
    const response = decodeResponse(service, name, body);
    return isFault(response) ? `${name} fault ${response.number === null}` : `${name} answered`;
  } catch (error) {
    if (!(error instanceof MalformedResponseError)) throw error;
    return `response ${reasonOf(error.message.split(': ').slice(1).join(': '))}`;
  }
}

const open: OpenTarget = {
  generate,
  mutate: (random, input) =>
    Buffer.concat([
      input.subarray(0, 1),
      Buffer.from(mutateXml(random, Buffer.from(input.subarray(1)).toString())),
    ]),
  async run(input) {
    const { side, service, name } = READERS[(input[0] ?? 0) % READERS.length] ?? assert.fail();
    const body = input.subarray(1);
    return side === 'request' ? ask(service, body) : answer(service, name, body);
  },
  close: async () => undefined,
};

export const soap: FuzzTarget = {
  name: 'soap',
  smokeInputs: 1_500,
  words: [...XML_WORDS, ...Object.values(SERVICES).map(({ uri }) => uri), ...Object.keys(OPERATIONS)],
  steered: true,
  open: async () => open,
};
