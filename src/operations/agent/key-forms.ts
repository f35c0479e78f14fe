/** The two forms of every key operation from one definition: plain, and "2" with keys wrapped under the agent's key (protocol 7). */
import { type AgentKey, KWK_ID_HEX, wrapKey } from '@openkma/protocol';
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { readSetting } from '../../core/settings.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import type { DecideContext, PrepareContext } from '../contexts.ts';
import type { Decision, Operation } from '../operation.ts';
import { operation } from '../operation.ts';
import { callingAgent, forAgents } from './calling-agent.ts';
import { type HandOut, type OpenObject, toAgentKey } from './key-hand-out.ts';
import { lookElsewhere, type Named } from './look-elsewhere.ts';
import { agentKey, identifier } from './wire-fields.ts';

interface KeyCall<Request extends object, Mid, Reply> {
  readonly name: string;
  readonly summary: string;
  /** True where it always makes something new. */
  readonly changes: boolean;
  readonly request: { readonly [K in keyof Request]-?: z.ZodType<Request[K]> };
  readonly response: (key: z.ZodType<AgentKey>) => z.ZodType<Reply>;
  /** What the call is about, which other members may know better. */
  names(input: Request): Named;
  decide(input: Request, context: DecideContext): Decision<Mid>;
  reply(mid: Mid, give: (key: HandOut) => AgentKey): Reply;
}

/** Any object with the ID of the key wrapping key beside the fields of the plain form. */
type Wrapped<Request> = Request & { readonly agentKwkId: string };

export function bothForms<Request extends object, Mid, Reply>(
  call: KeyCall<Request, Mid, Reply>,
): {
  readonly plain: Operation<Request, undefined, Mid, Reply>;
  readonly wrapped: Operation<Wrapped<Request>, SecretBytes, Mid, Reply>;
} {
  const common = { ...forAgents('long'), changes: call.changes, output: call.response(agentKey) };
  const plain = operation<Request, undefined, Mid, Reply>({
    ...common,
    name: call.name,
    summary: `${call.summary} The key is plain, inside TLS only.`,
    input: z.strictObject(call.request) as unknown as z.ZodType<Request>,
    prepare: (input, context) => lookElsewhere(call.names(input), context),
    decide(input, context) {
      if (readSetting(context.state, 'fipsModeOnly')) return refuse('FIPS_MODE_REQUIRED');
      return call.decide(input, context);
    },
    reply: (mid, { openObject }) => call.reply(mid, (given) => givePlain(given, openObject)),
  });
  const wrapped = operation<Wrapped<Request>, SecretBytes, Mid, Reply>({
    ...common,
    name: `${call.name}2`,
    summary: `${call.summary} The key is wrapped under the agent's key wrapping key.`,
    input: z.strictObject({ ...call.request, agentKwkId: identifier }) as unknown as z.ZodType<
      Wrapped<Request>
    >,
    async prepare(input, context) {
      const kwk = findKwk(input.agentKwkId, context);
      if (isRefusal(kwk)) return kwk;
      return (await lookElsewhere(call.names(input), context)) ?? kwk;
    },
    decide: (input, context) => call.decide(input, context),
    reply: (mid, { openObject }, kwk) => call.reply(mid, (given) => giveWrapped(given, openObject, kwk)),
  });
  return { plain, wrapped };
}

/** Before any key is used up; on either refusal the agent registers again at this KMA (protocol 7). */
function findKwk(agentKwkId: string, context: PrepareContext): SecretBytes | Refusal {
  const agent = callingAgent(context);
  if (agentKwkId.length !== KWK_ID_HEX) return refuse('AGENT_KWK_NOT_REGISTERED');
  const kwk = context.security.findKwk(agentKwkId.toUpperCase(), agent.id);
  if (kwk === 'unknown') return refuse('AGENT_KWK_NOT_REGISTERED', `kwk=${agentKwkId}`);
  if (kwk === 'mismatch') return refuse('AGENT_KWK_ID_MISMATCH', `kwk=${agentKwkId}`);
  return kwk;
}

function givePlain(given: HandOut, openObject: OpenObject): AgentKey {
  return toAgentKey(given, openObject(given.objectId).reveal());
}

function giveWrapped(given: HandOut, openObject: OpenObject, kwk: SecretBytes): AgentKey {
  const key = openObject(given.objectId);
  const wrapped = wrapKey(kwk.reveal(), key.reveal());
  key.wipe();
  return toAgentKey(given, wrapped);
}
