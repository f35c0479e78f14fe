/** What a KMA records of what it watches by itself: members that cannot be reached, are back, or are left alone, certificates that expire soon. People do not call these. */
import { z } from 'zod';
import { operation } from '../operation.ts';
import { success, warning } from '../success.ts';

const watching = {
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'System', retention: 'medium' },
  output: z.null(),
} as const;
const kma = z.string().max(256);
const seconds = z.int().min(0);

const noteUnreachableMember = operation({
  ...watching,
  name: 'NoteUnreachableMember',
  summary: 'Records that another KMA of the cluster cannot be reached.',
  input: z.strictObject({ kma, seconds }),
  decide: ({ kma: name, seconds: away }) => ({
    facts: [],
    output: null,
    audit: warning('Member unreachable', `kma=${name} seconds=${away} mend="kma doctor"`),
  }),
});

const noteMemberBack = operation({
  ...watching,
  name: 'NoteMemberBack',
  summary: 'Records that another KMA of the cluster responds again.',
  input: z.strictObject({ kma, seconds }),
  decide: ({ kma: name, seconds: away }) => ({
    facts: [],
    output: null,
    audit: success(`kma=${name} seconds=${away}`),
  }),
});

/** It proved to be a member, and is not counted with strangers. */
const noteMemberLeftAlone = operation({
  ...watching,
  name: 'NoteMemberLeftAlone',
  summary: 'Records that another KMA did on port 3336 what no KMA does, and is left alone for a while.',
  audit: { class: 'Security Violation', retention: 'long' },
  input: z.strictObject({
    kma,
    /** "" where no connection shows it. */
    address: z.string().max(256),
    reason: z.string().max(256),
    seconds,
    /** Connections that it tried all the same while it was left alone before. */
    attempts: z.int().min(0),
  }),
  decide({ kma: name, address, reason, seconds: alone, attempts }) {
    const before = attempts === 0 ? '' : ` attempts-before=${attempts}`;
    const message = `kma=${name} address=${address} seconds=${alone}${before}: ${reason}`;
    return {
      facts: [],
      output: null,
      audit: { severity: 'error', condition: 'Member left alone', message },
    };
  },
});

const certificate = z.strictObject({
  /** "root CA", "KMA kma-1", "agent drive-1", "user officer". */
  of: z.string().max(300),
  until: z.string().max(32),
});

const noteExpiringCertificates = operation({
  ...watching,
  name: 'NoteExpiringCertificates',
  summary: 'Records which certificates expire soon: of the root CA, of this KMA, of agents and users.',
  audit: { class: 'Certificate Service', retention: 'medium' },
  input: z.strictObject({ certificates: z.array(certificate).min(1).max(20), more: z.int().min(0) }),
  decide({ certificates, more }) {
    const list = certificates.map(({ of, until }) => `${of} until ${until}`).join(', ');
    const rest = more === 0 ? '' : ` and ${more} more`;
    return {
      facts: [],
      output: null,
      audit: warning('Certificates expire soon', `${list.slice(0, 900)}${rest}`),
    };
  },
});

export const watchNotes = [
  noteUnreachableMember,
  noteMemberBack,
  noteMemberLeftAlone,
  noteExpiringCertificates,
];
