/** Operations on agents: the devices and programs that get keys. Setting a passphrase revokes what was enrolled before. */
import { z } from 'zod';
import { groupsOfAgent } from '../core/agent-access.ts';
import { created, event, type Fact, removed, set } from '../core/facts.ts';
import { type AgentId, INTERNAL_ID_BYTES, idFrom, type ObjectId, type SiteId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { sha256Hex } from '../security/sealing.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import { agentCertificateOperations, certificatesOf } from './agent-certificates.ts';
import type { PrepareContext } from './contexts.ts';
import { find, livingRows } from './entities.ts';
import { description, flag, name, passphrase, text } from './fields.ts';
import { membershipFacts } from './key-groups.ts';
import { listOperation } from './lists/list.ts';
import { newName } from './new-name.ts';
import { brokenRule } from './new-verifier.ts';
import { type NewObject, operation } from './operation.ts';
import { agentEntity, agentShown, showAgent, shownAgent } from './show-agent.ts';
import { success } from './success.ts';

const operator = {
  callers: ['OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Operator', retention: 'long' },
} as const;

interface AgentSecrets {
  readonly legacy: NewObject;
  readonly iterations: number;
  readonly verifier: NewObject;
}

/** Both proofs rest on the one passphrase: the legacy secret is sealed, the verifier is not password-equivalent (D6). */
async function prepareSecrets(
  context: PrepareContext,
  agent: string,
  secret: SecretBytes,
): Promise<AgentSecrets | Refusal> {
  const broken = brokenRule(context, agent, secret);
  if (broken !== null) return broken;
  const [{ object: legacy, iterations }, verifier] = await Promise.all([
    context.security.makeLegacySecret(agent, secret),
    context.security.makeVerifier(agent, secret),
  ]);
  return { legacy, iterations, verifier };
}

function secretFacts(agentId: string, secrets: AgentSecrets): Fact[] {
  return [
    set('agent', agentId, {
      legacySecretObjectId: secrets.legacy.id,
      legacySecretSha256: sha256Hex(secrets.legacy.bytes),
      legacyIterations: secrets.iterations,
      verifierObjectId: secrets.verifier.id,
      verifierSha256: sha256Hex(secrets.verifier.bytes),
      enrolled: 0,
      proofDisabled: 0,
    }),
  ];
}

function secretObjects(agent: Row<'agent'>): ObjectId[] {
  return [agent.legacySecretObjectId, agent.verifierObjectId].filter((id) => id !== null);
}

function revocations(state: StateView, agentId: string, nowMs: number): Fact[] {
  return certificatesOf(state, agentId)
    .filter((certificate) => certificate.revokedStamp === null)
    .map((certificate) => event('agent_certificate', certificate.id, 'revoked', { revokedAt: nowMs }));
}

function siteOf(state: StateView, site: string | undefined): { siteId?: SiteId | null } | Refusal {
  if (site === undefined) return {};
  if (site === '') return { siteId: null };
  const row = find(state, 'site', site, 'SITE_DOES_NOT_EXIST');
  return isRefusal(row) ? row : { siteId: row.id as SiteId };
}

export const createAgent = operation({
  ...operator,
  needsUnlocked: true,
  name: 'CreateAgent',
  http: { method: 'POST', path: '/v1/agents' },
  summary: 'Creates an agent with the passphrase it enrols with.',
  input: z.strictObject({
    agent: newName('agent ID, at most 64 bytes').refine(
      (value) => Buffer.byteLength(value) <= 64,
      'at most 64 bytes',
    ),
    passphrase: passphrase('passphrase to enrol with'),
    description: description().default(''),
    site: name('site ID').optional(),
    oneTimePassphrase: flag(
      'the passphrase is good for one enrolment, as it is where nothing is said; another enrolment needs a new passphrase',
    ).default(true),
    modernOnly: flag('refuse the SHA-1 proof of old agents').default(false),
  }),
  output: z.null(),
  command: {
    words: ['agent', 'create'],
    arguments: ['agent'],
    example: 'kma agent create drive-1 --site berlin --passphrase-file drive-1.txt --user operator',
  },
  prepare: (input, context) => prepareSecrets(context, input.agent, input.passphrase),
  decide(input, { state, nowMs, random }, secrets: AgentSecrets) {
    if (byName(state, 'agent', input.agent) !== undefined) return refuse('AGENT_EXISTS', input.agent);
    const site = siteOf(state, input.site);
    if (isRefusal(site)) return site;
    const id = idFrom<AgentId>(random(INTERNAL_ID_BYTES));
    const facts = [
      created('agent', id, { name: input.agent, createdAt: nowMs }),
      set('agent', id, {
        description: input.description,
        ...site,
        enabled: 1,
        oneTimePassphrase: Number(input.oneTimePassphrase),
        modernOnly: Number(input.modernOnly),
      }),
      ...secretFacts(id, secrets),
    ];
    return {
      facts,
      objects: [secrets.legacy, secrets.verifier],
      output: null,
      audit: success(`agent=${input.agent}`),
      effects: [{ effect: 'passphrase-set', entity: `agent:${input.agent}` }],
    };
  },
});

export const listAgents = listOperation({
  ...operator,
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR'],
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  name: 'ListAgents',
  http: { method: 'GET', path: '/v1/agents' },
  summary: 'Lists the agents.',
  row: shownAgent,
  key: ['agent'],
  order: 'agent',
  command: { words: ['agent', 'list'], example: 'kma agent list --user operator' },
  rows({ state, proofFailures }) {
    const failures = proofFailures();
    return livingRows(state, 'agent').map((row) => agentShown(state, row, failures));
  },
});

export const modifyAgent = operation({
  ...operator,
  name: 'ModifyAgent',
  http: { method: 'PATCH', path: '/v1/agents/{agent}' },
  entity: agentEntity,
  summary: "Changes an agent's description, site, flags, or whether it is enabled.",
  input: z.strictObject({
    agent: name('agent ID'),
    description: description().optional(),
    site: text(0, 64, 'site ID, empty for none').optional(),
    enabled: flag('whether the agent may work').optional(),
    oneTimePassphrase: flag(
      'the passphrase is good for one enrolment; another enrolment needs a new passphrase',
    ).optional(),
    modernOnly: flag('refuse the SHA-1 proof of old agents').optional(),
  }),
  output: z.null(),
  command: {
    words: ['agent', 'modify'],
    arguments: ['agent'],
    example: 'kma agent modify drive-1 --no-enabled --user operator',
  },
  decide({ agent: agentName, site: siteName, description: text, ...flags }, { state }) {
    const agent = find(state, 'agent', agentName, 'AGENT_DOES_NOT_EXIST');
    if (isRefusal(agent)) return agent;
    const site = siteOf(state, siteName);
    if (isRefusal(site)) return site;
    const flagCells = Object.fromEntries(
      Object.entries(flags).flatMap(([field, value]) =>
        value === undefined ? [] : [[field, Number(value)]],
      ),
    );
    const cells = { ...site, ...flagCells, ...(text === undefined ? {} : { description: text }) };
    const facts = Object.keys(cells).length === 0 ? [] : [set('agent', agent.id, cells)];
    return {
      facts,
      output: null,
      audit: success(`agent=${agentName} changed=${Object.keys(cells).join(',')}`),
    };
  },
});

export const setAgentPassphrase = operation({
  ...operator,
  needsUnlocked: true,
  name: 'SetAgentPassphrase',
  http: { method: 'PUT', path: '/v1/agents/{agent}/passphrase' },
  summary: 'Sets a new passphrase: certificates are revoked and the agent has to enrol again.',
  input: z.strictObject({ agent: name('agent ID'), passphrase: passphrase('new passphrase') }),
  output: z.null(),
  command: {
    words: ['agent', 'set-passphrase'],
    arguments: ['agent'],
    example: 'kma agent set-passphrase drive-1 --passphrase-file drive-1.txt --user operator',
  },
  prepare: (input, context) => prepareSecrets(context, input.agent, input.passphrase),
  decide(input, { state, nowMs }, secrets: AgentSecrets) {
    const agent = find(state, 'agent', input.agent, 'AGENT_DOES_NOT_EXIST');
    if (isRefusal(agent)) return agent;
    return {
      facts: [...secretFacts(agent.id, secrets), ...revocations(state, agent.id, nowMs)],
      objects: [secrets.legacy, secrets.verifier],
      erase: secretObjects(agent),
      output: null,
      audit: success(`agent=${input.agent}`),
      effects: [{ effect: 'passphrase-set', entity: `agent:${input.agent}` }],
    };
  },
});

export const deleteAgent = operation({
  ...operator,
  name: 'DeleteAgent',
  http: { method: 'DELETE', path: '/v1/agents/{agent}' },
  entity: agentEntity,
  summary: 'Deletes an agent; its keys stay and belong to their key groups.',
  input: z.strictObject({ agent: name('agent ID') }),
  output: z.null(),
  command: {
    words: ['agent', 'delete'],
    arguments: ['agent'],
    example: 'kma agent delete drive-1 --user operator',
  },
  decide(input, { state, nowMs }) {
    const agent = find(state, 'agent', input.agent, 'AGENT_DOES_NOT_EXIST');
    if (isRefusal(agent)) return agent;
    return {
      facts: [
        removed('agent', agent.id),
        ...revocations(state, agent.id, nowMs),
        ...groupsOfAgent(state, agent.id).flatMap((group) => membershipFacts(state, agent.id, group.id, 0)),
      ],
      erase: secretObjects(agent),
      output: null,
      audit: success(`agent=${input.agent}`),
      effects: [{ effect: 'passphrase-set', entity: `agent:${input.agent}` }],
    };
  },
});

export const agentManagementOperations = [
  createAgent,
  listAgents,
  showAgent,
  modifyAgent,
  setAgentPassphrase,
  deleteAgent,
  ...agentCertificateOperations,
];
