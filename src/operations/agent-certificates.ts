/** ListAgentCertificates and RevokeAgentCertificate: every enrolment of an agent left one, and one alone can be ended. Nothing brings a revoked one back. */
import { z } from 'zod';
import { event } from '../core/facts.ts';
import { kmaOfIncarnation } from '../core/life.ts';
import { isLive } from '../core/live.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import { incarnationOf } from '../core/stamp.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { find, nameOf, shownName } from './entities.ts';
import { dateText, name, sha256 } from './fields.ts';
import { listOperation } from './lists/list.ts';
import { operation } from './operation.ts';
import { success } from './success.ts';

/** Of one agent, bounded: each enrolment adds one. */
export const CERTIFICATES_MAX = 10_000;

type Certificate = Row<'agent_certificate'>;

export function certificatesOf(state: StateView, agentId: string): readonly Certificate[] {
  return state.scan('agent_certificate', 'agent', { equals: [agentId], limit: CERTIFICATES_MAX });
}

const shown = z.strictObject({
  fingerprint: z.string(),
  /** `stopped`: its agent is disabled. */
  state: z.enum(['good', 'stopped', 'expired', 'revoked']),
  /** By which its agent proved the passphrase. */
  proof: z.enum(['legacy', 'modern']),
  /** The KMA where it enrolled: a passphrase spent at two of them has left two certificates. */
  issuedBy: z.string(),
  serial: z.string(),
  createdAt: z.string(),
  notAfter: z.string(),
  revokedAt: z.string(),
});

export const listAgentCertificates = listOperation({
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  name: 'ListAgentCertificates',
  http: { method: 'GET', path: '/v1/agents/{agent}/certificates' },
  summary: 'Lists the certificates that an agent got by enrolling, the newest first.',
  scope: { agent: name('agent ID') },
  row: shown,
  key: ['fingerprint'],
  order: 'createdAt',
  descending: true,
  command: {
    words: ['agent', 'certificates'],
    arguments: ['agent'],
    example: 'kma agent certificates drive-1 --user operator',
  },
  rows({ state, nowMs }, { agent: agentName }) {
    const agent = find(state, 'agent', agentName, 'AGENT_DOES_NOT_EXIST');
    if (isRefusal(agent)) return agent;
    return certificatesOf(state, agent.id)
      .filter(({ createdStamp }) => createdStamp !== null)
      .map((one) => certificateShown(state, one, agent, nowMs));
  },
});

export const revokeAgentCertificate = operation({
  callers: ['OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Operator', retention: 'long' },
  name: 'RevokeAgentCertificate',
  http: { method: 'DELETE', path: '/v1/agent-certificates/{fingerprint}' },
  summary:
    'Revokes one certificate of an agent at once and for good; its other certificates and its passphrase stay as they are.',
  input: z.strictObject({ fingerprint: sha256('SHA-256 of the certificate, as the list shows it') }),
  output: z.null(),
  command: {
    words: ['agent', 'revoke-certificate'],
    arguments: ['fingerprint'],
    example: 'kma agent revoke-certificate FINGERPRINT --user operator',
  },
  decide({ fingerprint }, { state, nowMs }) {
    const row = state.get('agent_certificate', fingerprint);
    const agent = row?.agentId == null ? undefined : state.get('agent', row.agentId);
    // Those of a deleted agent are revoked with it.
    if (row === undefined || row.createdStamp === null || !isLive(agent))
      return refuse('CERTIFICATE_DOES_NOT_EXIST', fingerprint);
    return {
      facts:
        row.revokedStamp === null
          ? [event('agent_certificate', fingerprint, 'revoked', { revokedAt: nowMs })]
          : [],
      output: null,
      audit: success(
        `agent=${shownName(state, 'agent', agent)} fingerprint=${fingerprint} serial=${row.serial}`,
      ),
    };
  },
});

function certificateShown(
  state: StateView,
  row: Certificate,
  agent: Row<'agent'>,
  nowMs: number,
): z.infer<typeof shown> {
  const { id, proof, serial, createdAt, notAfter, revokedAt, createdStamp } = row;
  return {
    fingerprint: id,
    state: stateOf(row, agent, nowMs),
    proof: proof === 'modern' ? 'modern' : 'legacy',
    issuedBy:
      createdStamp === null ? '' : nameOf(state, 'kma', kmaOfIncarnation(state, incarnationOf(createdStamp))),
    serial: serial ?? '',
    createdAt: dateText(createdAt),
    notAfter: dateText(notAfter),
    revokedAt: dateText(revokedAt),
  };
}

function stateOf({ revokedStamp, notAfter }: Certificate, { enabled }: Row<'agent'>, nowMs: number) {
  if (revokedStamp !== null) return 'revoked';
  if ((notAfter ?? 0) <= nowMs) return 'expired';
  return enabled === 1 ? 'good' : 'stopped';
}

export const agentCertificateOperations = [listAgentCertificates, revokeAgentCertificate];
