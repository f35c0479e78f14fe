/** Requests of people as the management front reads them, as the message to the core carries them, and as a list of a real store is asked with them: whatever is sent is refused with a code or means what it says. */
import { canonicalSha256 } from '@openkma/protocol';
import type { IncarnationId, KmaId } from '../../src/core/ids.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import { atOnce } from '../../src/core/steps.ts';
import { ERRORS } from '../../src/errors.ts';
import { findOperation, operations } from '../../src/operations/catalogue.ts';
import type { ViewContext } from '../../src/operations/contexts.ts';
import { inputFieldsOf } from '../../src/operations/input-fields.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { asPage } from '../../src/operations/pages.ts';
import { decodeBody, encodeFrame } from '../../src/processes/frame.ts';
import { managementToCore } from '../../src/processes/management-messages.ts';
import { viewContextOf } from '../../src/processes/reader/view-context.ts';
import { answerManagement, type ManagementAnswer } from '../../src/services/management/answer.ts';
import type { ManagementCall, ManagementLink } from '../../src/services/management/link.ts';
import { routerOf } from '../../src/services/management/routes.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { TestKma } from '../../test/support/kma.ts';
import { decodeSent, encodeSent, mutateSent, soundRequest } from '../management-requests.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';

const ORIGIN = { address: '192.0.2.1', localAddress: '192.0.2.2', keySha256: 'AB'.repeat(32) };
const PROTOTYPE_PROPERTIES = Object.getOwnPropertyNames(Object.prototype).length;
const WORDS = [
  ...['%00', '%ff', '%2f', '%2e%2e', '%ed%a0%80', '%', '?', '&', '=', '/', '//', '/..'],
  ...['filter=', 'sort=-', 'after=', 'limit=0', 'limit=1000', '+notempty', '~', '<>', '%3C%3D'],
  ...['"__proto__":', '"constructor":', '"$b":"AAAA"', '{"$b":{}}', '"quorum":"AAAA"', '1e999', '-0'],
  ...['"\\ud800"', '\\u0000', '[[[[', '{"a":{"a":{"a":', '\ufeff', '\n', '\n\n', 'if-match: "a"\n'],
  'content-type: text/plain\n',
  'accept: text/plain\n',
];

/** What the core does with a call before it decides, and all of what the reader does; who asks is judged by others. */
class ReadingLink implements ManagementLink {
  readonly #store: Store;
  readonly #context: ViewContext;
  asked = 0;

  constructor(store: Store, context: ViewContext) {
    this.#store = store;
    this.#context = context;
  }

  async who() {
    return { userId: 'A'.repeat(32) };
  }
  refused(): void {}

  async call(call: ManagementCall) {
    this.asked += 1;
    const { operation, input } = this.#arrived(call);
    canonicalSha256({ operation: operation.name, input });
    const parsed = operation.input.safeParse(input);
    const problem = (code: keyof typeof ERRORS) => ({ t: 'problem', code, known: true }) as const;
    if (!parsed.success) return problem('INVALID_PARAMETERS');
    // Also where what the reader has seen is only a part of the answer.
    const reads = operation.view !== undefined || operation.inspect !== undefined;
    if (!reads || operation.decide !== undefined)
      return operation.output.safeParse(null).success
        ? ({ t: 'reply', output: null, became: 'done' } as const)
        : problem('NOT_SUPPORTED');
    const output = this.#store.transaction(() =>
      operation.inspect === undefined
        ? operation.view?.(parsed.data, this.#context)
        : atOnce(operation.inspect(parsed.data, this.#context)),
    );
    if (isRefusal(output)) return problem(output.refused);
    promise(
      operation.output.safeParse(output).success,
      `${operation.name} shows what its schema does not say`,
    );
    this.#goesOn(operation, parsed.data, asPage(output)?.next ?? null);
    return { t: 'reply', output, became: 'done' } as const;
  }

  /** The call on the other side of the socket. */
  #arrived(call: ManagementCall): { readonly operation: Operation; readonly input: object } {
    const frame = encodeFrame({ t: 'call', id: 1, ...call, origin: ORIGIN });
    const message = managementToCore.parse(decodeBody(frame.subarray(4)));
    promise(message.t === 'call', 'a call arrived as something else');
    const operation = findOperation(message.operation);
    promise(operation !== undefined && operation.http !== undefined, 'a call names no operation of people');
    const { input } = message;
    promise(typeof input === 'object' && input !== null, 'an input is no object');
    promise(JSON.stringify(input) === JSON.stringify(call.input), 'an input arrived otherwise');
    const fields = inputFieldsOf(operation).map(({ name }) => name);
    promise(
      Object.keys(input).every((name) => fields.includes(name)),
      'an input has a field that is none',
    );
    return { operation, input };
  }

  /** The cursor of an answer leads on with the same question. */
  #goesOn(operation: Operation, input: unknown, next: string | null): void {
    if (next === null) return;
    const more = this.#store.transaction(() =>
      operation.view?.({ ...Object(input), after: next }, this.#context),
    );
    promise(!isRefusal(more), `${operation.name} gave a cursor that leads nowhere`);
  }
}

async function openManagement(): Promise<OpenTarget> {
  const kma = await TestKma.start();
  const agent = await kma.agent('drive-1');
  const { dataUnitId } = await agent.createDataUnit();
  await agent.createKey({ dataUnitId });
  await kma.stop();
  const store = openStore({ path: `${kma.data}/kma.db`, mode: 'read' });
  const [row] = store.state.page('kma', '', 1);
  const [incarnation] = store.state.page('incarnation', '', 1);
  if (row === undefined || incarnation === undefined) throw new Error('a KMA without its row');
  const self = {
    kmaId: row.id as KmaId,
    kmaName: row.name ?? '',
    incarnationId: incarnation.id as IncarnationId,
  };
  const link = new ReadingLink(store, viewContextOf(store, self, Date.now()));
  const router = routerOf(operations);
  return {
    generate: (random) => encodeSent(soundRequest(random)),
    mutate: mutateSent,
    async run(input) {
      const sent = decodeSent(input);
      if (sent === null) return 'no request';
      link.asked = 0;
      const answer = await answerManagement(sent, ORIGIN, router, link);
      promise(
        Object.getOwnPropertyNames(Object.prototype).length === PROTOTYPE_PROPERTIES,
        'a prototype was changed',
      );
      const match = router.match(sent.method, sent.url.replace(/\?.*/s, ''));
      const name = typeof match === 'object' && 'operation' in match ? match.operation.name : 'none';
      return `${name} ${await outcomeOf(answer, link)}`;
    },
    async close() {
      store.close();
      await kma[Symbol.asyncDispose]();
    },
  };
}

async function outcomeOf(answer: ManagementAnswer, link: ReadingLink): Promise<string> {
  if ('pieces' in answer) {
    let pieces = 0;
    for await (const piece of answer.pieces) pieces += piece === '' ? 0 : 1;
    return `report ${pieces > 1 ? 'of rows' : 'empty'}`;
  }
  const { status, headers, body } = answer;
  for (const value of Object.values(headers))
    promise(/^[\t\x20-\x7e]*$/.test(value), 'a header holds what no header may hold');
  if (status < 400) {
    promise(link.asked > 0, 'a success without a call');
    return String(status);
  }
  promise(headers['Content-Type'] === 'application/problem+json', 'a refusal that is no problem details');
  const { code } = JSON.parse(body) as { readonly code: string };
  const row = Object.entries(ERRORS).find(([name]) => name === code)?.[1];
  promise(row?.httpStatus === status && status !== 500, `an answer ${status} with ${code}`);
  return `${status} ${code}`;
}

export const management: FuzzTarget = {
  name: 'management',
  smokeInputs: 2_000,
  words: WORDS,
  steered: true,
  open: openManagement,
};
