/** ShowPorts and ListPorts: the table of ports with the state of each row now. The platform process looks; here nothing is judged. */
import { z } from 'zod';
import { isRefusal } from '../../core/refusal.ts';
import { PORT_STATES, PORT_TABLE, type PortState, portStates } from '../../ports.ts';
import { reading } from '../common-settings.ts';
import type { PrepareContext } from '../contexts.ts';
import { listOfAsked } from '../lists/list.ts';
import { operation } from '../operation.ts';

const portShape = z.strictObject({
  name: z.string(),
  /** As it is at this KMA. */
  port: z.number(),
  transport: z.enum(['tcp', 'udp']),
  direction: z.enum(['listening', 'connecting']),
  what: z.string(),
  network: z.string(),
  state: z.enum(PORT_STATES),
  /** Under what it is used. */
  why: z.string(),
  /** The processes, by their names at this KMA, with their numbers. */
  heldBy: z.array(z.string()),
  /** Whom it connects to, as configured. */
  targets: z.array(z.string()),
  /** Where what the kernel says differs from the settings; "" where it does not. */
  wrong: z.string(),
});
type Port = z.infer<typeof portShape>;

const answered = z.strictObject({ ports: z.array(portShape), addresses: z.array(z.string()) });
type Answered = z.infer<typeof answered>;

/** Where the platform process says nothing the rows are there, and their states unknown. */
async function askPorts({ platform }: PrepareContext): Promise<Answered> {
  const answer = await platform?.ask('ports', { states: 'now' });
  return answer === undefined || isRefusal(answer) ? UNKNOWN : answered.parse(answer);
}

const UNKNOWN: Answered = {
  ports: portStates(PORT_TABLE, { holding: new Map(), ports: {}, addresses: [] }, null).map(copied),
  addresses: [],
};
function copied({ heldBy, targets, ...row }: PortState): Port {
  return { ...row, heldBy: [...heldBy], targets: [...targets] };
}

export const listPorts = listOfAsked({
  ...reading,
  name: 'ListPorts',
  http: { method: 'GET', path: '/v1/ports' },
  summary: 'Lists the ports of this KMA, with the state of each now and the process that holds it.',
  recordedOnceAMinute: true,
  row: portShape,
  key: ['name'],
  order: 'port',
  command: { words: ['port', 'list'], example: 'kma port list --filter state=listening --user auditor' },
  ask: askPorts,
  rows: ({ ports }: Answered) => ports,
});

export const showPorts = operation({
  name: 'ShowPorts',
  summary: 'Shows the ports of this KMA, with the state of each now and the process that holds it.',
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  recordedOnceAMinute: true,
  audit: { class: 'Management', retention: 'short' },
  input: z.strictObject({}),
  output: z.strictObject({
    kma: z.string(),
    /** Of the management and the service network. */
    addresses: z.array(z.string()),
    ports: z.array(portShape),
  }),
  command: { words: ['ports'], example: 'kma ports' },
  prepare: (_input, context) => askPorts(context),
  decide: (_input, { self }, looked) => ({ facts: [], output: { kma: self.kmaName, ...looked } }),
});
