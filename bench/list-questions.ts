/** The questions that `npm run bench -- lists` asks, and how long an answer may take as its client sees it: log-in over, one connection kept. */
import type { Manager } from '../src/client/manager.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import { asPage } from '../src/operations/pages.ts';
import { atMost, type Goal, percentile, printTable } from './figures.ts';
import type { HeldKey } from './population.ts';

const PAGE_MS = 20;
const OTHER_MS = 1000;
const PAGES = 300;
const OTHERS = 5;

export interface Question {
  readonly name: string;
  readonly operation: string;
  /** Of the so manieth asking. */
  input(number: number): Readonly<Record<string, unknown>>;
  /** In the default order or by an indexed column. */
  readonly indexed: boolean;
}

/** What the questions name is spread over the whole store. */
export function questions(audit: number, held: readonly HeldKey[], oldestId: string): readonly Question[] {
  const { keyId, dataUnitId } = held[Math.floor(held.length / 2)] ?? { keyId: '', dataUnitId: '' };
  const page = (name: string, operation: string, input: Question['input'] = () => ({})): Question => ({
    name,
    operation,
    input,
    indexed: true,
  });
  const other = (name: string, operation: string, input: object): Question => ({
    name,
    operation,
    input: () => ({ ...input }),
    indexed: false,
  });
  const row = (number: number) => 1 + Math.floor((audit * (1 + (number % PAGES))) / (PAGES + 1));
  const drive = (number: number) => `drive-${1 + (number % 50)}`;
  const tag = (number: number) => `VOL${Math.floor((audit * (number % PAGES)) / PAGES)}`;
  return [
    page('audit: newest', 'ListAuditEvents'),
    page('audit: by number, from anywhere', 'ListAuditEvents', (number) => ({
      filter: [`row<=${row(number)}`],
    })),
    page('audit: operation', 'ListAuditEvents', () => ({ filter: ['operation=CreateDataUnit'] })),
    page('audit: entity', 'ListAuditEvents', (number) => ({ filter: [`entityId=${drive(number)}`] })),
    page('audit: by date', 'ListAuditEvents', () => ({ sort: 'createdAt' })),
    page('audit: history of an agent', 'ListAgentHistory', (number) => ({ agent: drive(number) })),
    page('data units: newest', 'ListDataUnits'),
    page('data units: by ID', 'ListDataUnits', () => ({ sort: 'dataUnitId' })),
    page('data units: of a tag', 'ListDataUnits', (number) => ({ filter: [`externalTag=${tag(number)}`] })),
    page('keys: newest', 'ListKeys'),
    page('keys: of a data unit', 'ListKeys', (number) => ({
      dataUnitId: held[number % held.length]?.dataUnitId,
    })),
    other('audit: details of the oldest', 'ShowAuditEvent', { id: oldestId }),
    other('audit: history of a key', 'ListKeyHistory', { keyId }),
    other('audit: history of a data unit', 'ListDataUnitHistory', { dataUnitId }),
    ...searches('audit', 'ListAuditEvents', AUDIT_FILTERS, AUDIT_SORTS),
    ...searches('data units', 'ListDataUnits', UNIT_FILTERS, UNIT_SORTS),
    ...searches('keys', 'ListKeys', KEY_FILTERS, KEY_SORTS),
  ];

  function searches(list: string, operation: string, filters: readonly string[], sorts: readonly string[]) {
    return [
      ...filters.map((filter) => other(`${list}: ${filter}`, operation, { filter: [filter] })),
      ...sorts.map((sort) => other(`${list}: sorted by ${sort}`, operation, { sort })),
    ];
  }
}

/** Most of them fit nothing, so that every row is looked at. */
const AUDIT_FILTERS = [
  'severity=error',
  'term=long',
  'class=System',
  'condition~Never',
  'message~never',
  'entityAddress=192.0.2.1',
  'kmaName=none',
  'solution notempty',
  'createdAt<2000-01-01',
];
const AUDIT_SORTS = [
  'operation',
  '-severity',
  'condition',
  'message',
  'entityId',
  'entityAddress',
  'kmaName',
  'class',
  'term',
  '-solution',
  'id',
];
const UNIT_FILTERS = [
  'state=SHREDDED',
  // Half of all are so, but none of the newer half: too many for a search from their keys, and none among the first of the order.
  'state=READABLE_NORMAL',
  'keys>100',
  'description~never',
  'createdBy=none',
  'externalUniqueId~00',
  'createdAt<2000-01-01',
];
const UNIT_SORTS = [
  'externalTag',
  'description',
  'state',
  '-keys',
  'createdAt',
  'createdBy',
  'externalUniqueId',
];
const KEY_FILTERS = ['state=COMPROMISED', 'group=none', 'activatedBy=none'];
const KEY_SORTS = ['state', 'group', 'dataUnitId', 'activatedBy', '-deactivatesAt'];

export interface Asked {
  readonly question: Question;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rows: number;
}

export async function ask(
  manager: Manager,
  question: Question,
  times = question.indexed ? PAGES : OTHERS,
): Promise<Asked> {
  const operation = findOperation(question.operation);
  if (operation === undefined) throw new Error(`there is no ${question.operation}`);
  const latenciesMs: number[] = [];
  let rows = 0;
  for (let number = 0; number < times; number += 1) {
    const began = performance.now();
    const { output } = await manager.call(operation, question.input(number));
    latenciesMs.push(performance.now() - began);
    rows = rowsOf(output);
  }
  return { question, p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99), rows };
}

/** The first pages after a start, told by themselves and in no goal: the same question is asked again first of all, so that the two can be compared. */
export async function warmUp(manager: Manager, asked: readonly Question[]): Promise<void> {
  const [first] = asked;
  if (first === undefined) throw new Error('there is nothing to ask');
  const { p50Ms, p99Ms } = await ask(manager, first);
  const row = [
    `${first.name}, the first ${PAGES} pages after the start`,
    `${p50Ms.toFixed(1)} ms`,
    `${p99Ms.toFixed(1)} ms`,
  ];
  printTable('Before the goals, in which these do not count', ['what', 'p50', 'p99'], [row]);
}

function rowsOf(output: unknown): number {
  const rows = asPage(output)?.rows ?? output;
  return Array.isArray(rows) ? rows.length : 1;
}

export function goalOf({ question, p50Ms, p99Ms, rows }: Asked): Goal {
  const { name, indexed } = question;
  const told = `${name} (${rows} rows; p50 ${p50Ms.toFixed(1)} ms)`;
  return indexed
    ? atMost(`${told}: p99`, p99Ms, PAGE_MS, 'ms', 1)
    : atMost(`${told}: slowest of ${OTHERS}`, p99Ms, OTHER_MS, 'ms', 1);
}
