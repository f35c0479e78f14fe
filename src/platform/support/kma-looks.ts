/** Looks at the KMA itself for the support shell: its state, its time, what went wrong lately. It reads the audit and no other table. */
import { examinationText } from '@openkma/agent/doctor';
import type { PlatformConfig } from '../config.ts';
import { examineAsKma } from '../doctor/as-kma.ts';
import type { PartState, PlatformTools } from '../part.ts';
import type { DiagnosticTools, Look } from './diagnostics.ts';
import { MACHINE_LOOKS, versions } from './machine-looks.ts';

type Tools = Pick<PlatformTools, 'audit' | 'nowMs' | 'states' | 'place' | 'resolve'>;

const MESSAGES = 30;
/** So many records are looked through for trouble; they are read in pieces. */
const SEARCHED = 600;
const PIECE = 200;

export function diagnosticsOf(config: PlatformConfig, tools: Tools): DiagnosticTools {
  const looks: Readonly<Record<string, Look>> = {
    status: { summary: 'this KMA, and how its platform fares', show: () => status(config, tools) },
    doctor: {
      summary: 'which hop to the other KMAs and to the servers is broken',
      show: () => doctor(config, tools),
    },
    ...MACHINE_LOOKS,
    messages: { summary: `the newest ${MESSAGES} records of trouble`, show: () => messages(tools) },
    time: { summary: 'the time of the KMA and of its machine', show: () => time(tools) },
    versions: { summary: 'of the software', show: () => versions(config.kma.version) },
  };
  const { name, version } = config.kma;
  return {
    looks,
    welcome: `Support shell of the KMA "${name}", OpenKMA ${version}. It shows, and changes nothing.`,
  };
}

function status({ kma, members }: PlatformConfig, tools: Tools): string {
  const others = members.map((member) => member.name).join(', ');
  return [
    `KMA         ${kma.name}, OpenKMA ${kma.version}`,
    `addresses   ${kma.addresses.join(', ')}`,
    `other KMAs  ${others === '' ? 'none' : others}`,
    ...[...tools.states()].flatMap(([part, state]) => partLines(part, state)),
    '',
  ].join('\n');
}

function partLines(part: string, { summary, troubles }: PartState): string[] {
  return [`${part.padEnd(12)}${summary}`, ...troubles.map((trouble) => `${' '.repeat(12)}! ${trouble}`)];
}

/** The root CA's certificate stands in the store, where this process does not look. */
async function doctor(config: PlatformConfig, tools: Tools): Promise<string> {
  return examinationText(await examineAsKma(config, tools), false);
}

function time(tools: Tools): string {
  const machineMs = Date.now();
  const part = tools.states().get('time');
  return [
    `KMA         ${new Date(tools.nowMs()).toISOString()}`,
    `machine     ${new Date(machineMs).toISOString()}`,
    ...(part === undefined ? [] : partLines('server', part)),
    '',
  ].join('\n');
}

async function messages(tools: Tools): Promise<string> {
  const newest = tools.audit.newestRow();
  const found: string[] = [];
  for (let after = Math.max(0, newest - SEARCHED); after < newest; ) {
    const { records, throughRow } = await tools.audit.read(after, PIECE);
    for (const { createdAt, severity, operation, condition, message } of records)
      if (severity !== 'success')
        found.push(`${new Date(createdAt).toISOString()} ${severity} ${operation}: ${condition}: ${message}`);
    if (throughRow <= after) break;
    after = throughRow;
  }
  const shown = found.slice(-MESSAGES);
  return shown.length === 0 ? 'No trouble in the newest records.\n' : shown.map((row) => `${row}\n`).join('');
}
