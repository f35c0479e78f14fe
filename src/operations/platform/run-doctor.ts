/** RunDoctor and RunLocalDoctor: this KMA looks at every other member and at the servers that it uses, and says which hop is broken and what to change. They connect to nobody themselves: the platform process does. */
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { reading } from '../common-settings.ts';
import type { DecideContext, PrepareContext } from '../contexts.ts';
import { livingRows, shownName } from '../entities.ts';
import { leftAloneText, type MemberLeftAlone, type MemberStanding, standingsOf } from '../member-standing.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { statesOf } from './common.ts';

/** How long it may look, with what it takes to tell. */
const WITHIN_MS = 30_000;

const step = z.strictObject({
  step: z.enum(['name', 'route', 'tcp', 'tls', 'certificate', 'identity', 'clock', 'answer']),
  outcome: z.enum(['ok', 'warning', 'failed', 'skipped']),
  /** Null where all is well. */
  cause: z.string().nullable(),
  detail: z.string(),
  ms: z.number(),
});
const service = z.strictObject({ service: z.string(), port: z.number(), steps: z.array(step) });
const place = z.strictObject({
  name: z.string().nullable(),
  address: z.string(),
  steps: z.array(step),
  services: z.array(service),
  clockAheadMs: z.number().nullable(),
});
const advice = z.strictObject({
  severity: z.enum(['failed', 'warning']),
  place: z.string(),
  ports: z.array(z.number()),
  cause: z.string(),
  problem: z.string(),
  change: z.string(),
});
const examinationShape = z.strictObject({
  from: z.string(),
  at: z.string(),
  result: z.enum(['fine', 'warnings', 'problems']),
  /** Worst first. */
  advice: z.array(advice),
  places: z.array(place),
  ms: z.number(),
});
type Examination = z.infer<typeof examinationShape>;
type Service = z.infer<typeof service>;
type Advice = z.infer<typeof advice>;

const parts = { input: z.strictObject({}), output: examinationShape } as const;

export const runDoctor = operation({
  ...reading,
  ...parts,
  name: 'RunDoctor',
  http: { method: 'POST', path: '/v1/doctor' },
  summary:
    'Lets this KMA look at the other members and its servers: which hop is broken, and what to change.',
  command: { words: ['member', 'doctor'], example: 'kma member doctor --user operator' },
  prepare: (_input, context) => looked(context),
  decide: (_input, context, found: Examination) => told(found, context),
});

/** At the KMA itself, where nobody has to be logged in to see to it. */
export const runLocalDoctor = operation({
  ...reading,
  ...parts,
  callers: 'local',
  name: 'RunLocalDoctor',
  summary:
    'Looks from this KMA at the other members and its servers: which hop is broken, and what to change.',
  command: { words: ['doctor'], example: 'kma doctor' },
  prepare: (_input, context) => looked(context),
  decide: (_input, context, found: Examination) => told(found, context),
});

async function looked(context: PrepareContext): Promise<Examination | Refusal> {
  const { platform, state } = context;
  const caPem = state.get('certificate_authority', 'root')?.certificatePem;
  if (platform === undefined || caPem == null) return refuse('PLATFORM_NOT_THERE');
  const connected = [...standingsOf(context)].flatMap(([id, { responding }]) => (responding ? [id] : []));
  const answer = await platform.ask('doctor', { caPem, connected }, WITHIN_MS);
  return isRefusal(answer) ? answer : examinationShape.parse(answer);
}

function told(found: Examination, context: DecideContext) {
  const { places, advice: more } = withReplication(found, context);
  const broken = brokenPlaces(found);
  const all = [
    ...found.advice,
    ...more,
    ...troubles(context, found.from).filter(({ problem }) => !broken.some((at) => isOf(problem, at))),
  ];
  const sorted = [
    ...all.filter(({ severity }) => severity === 'failed'),
    ...all.filter(({ severity }) => severity === 'warning'),
  ];
  const result = sorted[0]?.severity === 'failed' ? 'problems' : sorted.length > 0 ? 'warnings' : 'fine';
  return {
    facts: [],
    effects: [{ effect: 'doctor-looked', result, at: found.at }] as const,
    output: { ...found, places, advice: sorted, result } satisfies Examination,
    audit: success(`result=${result} advice=${sorted.length}`),
  };
}

/** What answers at 3336 is the engine, and whether it does the replicator knows best: it has the key for it, and a connection or none. */
function withReplication(
  { places, from }: Examination,
  context: DecideContext,
): { readonly places: Examination['places']; readonly advice: readonly Advice[] } {
  const standings = standingsOf(context);
  const leftAlone = context.leftAlone?.();
  const byName = new Map(
    livingRows(context.state, 'kma').map((row) => [
      shownName(context.state, 'kma', row),
      { standing: standings.get(row.id), alone: leftAlone?.get(row.id) },
    ]),
  );
  const found = places.map((at) => {
    const seen = byName.get(at.name ?? '') ?? {};
    return { ...at, services: at.services.map((one) => answered(one, seen, context.nowMs)) };
  });
  const silent = found.flatMap(({ name, address, services }) =>
    services
      .filter(({ service, steps }) => service === 'replication' && steps.at(-1)?.cause === 'not-connected')
      .map(({ port }): Advice => {
        const label = `${name} (${address})`;
        const alone = byName.get(name ?? '')?.alone;
        const common = {
          ...{ severity: 'failed' as const, cause: 'not-connected' },
          ...{ place: label, ports: [port] },
        };
        if (alone !== undefined)
          return {
            ...common,
            problem: `${label} did on ${port} what no KMA does, and ${from} leaves it alone ${leftAloneText(alone)}: they do not replicate what they write`,
            change: `look at the machine of ${label}: where nobody put it back or copied it, it is not to be trusted, and is to be deleted as lost`,
          };
        return {
          ...common,
          problem: `${from} reaches ${port} of ${label}, and the two are not connected there: they do not replicate what they write`,
          change: `see that ${label} reaches ${port} of ${from} too, and "kma member list" at both: one may be logged out or of another version`,
        };
      }),
  );
  return { places: found, advice: silent };
}

interface Seen {
  readonly standing?: MemberStanding | undefined;
  readonly alone?: MemberLeftAlone | undefined;
}

function answered(one: Service, { standing, alone }: Seen, nowMs: number): Service {
  if (one.service !== 'replication' || one.steps.some(({ outcome }) => outcome === 'failed')) return one;
  if (!one.steps.some(({ step: name }) => name === 'tcp')) return one;
  const before = one.steps.filter(({ step: name }) => name !== 'answer');
  const common = { step: 'answer' as const, ms: Math.round(standing?.responseMs ?? 0) };
  if (standing?.responding === true)
    return {
      ...one,
      steps: [...before, { ...common, outcome: 'ok', cause: null, detail: 'connected, and replicating' }],
    };
  const since = standing === undefined ? 'never' : `${Math.round((nowMs - standing.heardAtMs) / 1000)} s ago`;
  const why =
    alone === undefined ? 'no connection of the two replicators' : `left alone ${leftAloneText(alone)}`;
  const detail = `${why}; heard of last: ${since}`;
  return { ...one, steps: [...before, { ...common, outcome: 'failed', cause: 'not-connected', detail }] };
}

type Place = Pick<z.infer<typeof place>, 'name' | 'address'>;

/** Where something failed, which is told of already. */
function brokenPlaces({ places }: Examination): readonly Place[] {
  return places.filter(({ steps, services }) =>
    [...steps, ...services.flatMap((one) => one.steps)].some(({ outcome }) => outcome === 'failed'),
  );
}

/** Parts call a server as the doctor does: it gets nothing, or does not answer. */
function isOf(problem: string, { name, address }: Place): boolean {
  return [
    `syslog: ${name} gets nothing`,
    `snmp: ${name} (${address}, UDP `,
    `time: the ${name} ${address} is `,
    `names: no ${name} answers`,
  ].some((beginning) => problem.startsWith(beginning));
}

/** What other parts of the platform have trouble with: they talk to their servers all the time. */
function troubles(context: DecideContext, from: string): Advice[] {
  return [...statesOf(context).parts].flatMap(([part, state]) =>
    state.troubles.map((problem) => ({
      severity: 'warning' as const,
      place: from,
      ports: [],
      cause: 'part-in-trouble',
      problem: `${part}: ${problem}`,
      change: `see "kma status" at ${from}`,
    })),
  );
}
