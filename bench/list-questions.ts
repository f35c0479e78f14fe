/** The questions that `npm run bench -- lists` asks, and how long an answer may take as its client sees it: log-in over, one connection kept. */
import type { Manager } from '../src/client/manager.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import { asPage } from '../src/operations/pages.ts';
import { atMost, type Goal, percentile } from './figures.ts';
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
  const somewhere = (number: number) =>
    String(1 + Math.floor((audit * (1 + (number % PAGES))) / (PAGES + 1)));
  const drive = (number: number) => `drive-${1 + (number % 50)}`;
  return [
    page('audit: newest', 'ListAuditEvents'),
    page('audit: page from anywhere', 'ListAuditEvents', (number) => ({ after: somewhere(number) })),
    page('audit: operation', 'ListAuditEvents', () => ({ operation: 'CreateDataUnit' })),
    page('audit: entity', 'ListAuditEvents', (number) => ({ entity: drive(number) })),
    page('audit: severity error', 'ListAuditEvents', () => ({ severity: 'error' })),
    page('audit: history of an agent', 'ListAgentHistory', (number) => ({ agent: drive(number) })),
    page('data units: first', 'ListDataUnits'),
    page('data units: page from anywhere', 'ListDataUnits', (number) => ({ after: placeOf(number) })),
    page('keys: page from anywhere', 'ListKeys', (number) => ({ after: placeOf(number).padEnd(60, '0') })),
    page('keys: of a data unit', 'ListKeys', (number) => ({
      dataUnitId: held[number % held.length]?.dataUnitId,
    })),
    other('audit: retention term', 'ListAuditEvents', { term: 'long' }),
    other('audit: operation that never was', 'ListAuditEvents', { operation: 'Never' }),
    other('audit: until the beginning', 'ListAuditEvents', { until: '2000-01-01T00:00:00Z' }),
    other('audit: severity warning of an agent', 'ListAuditEvents', {
      severity: 'warning',
      entity: 'drive-1',
    }),
    other('audit: details of the oldest', 'ShowAuditEvent', { id: oldestId }),
    other('audit: history of a key', 'ListKeyHistory', { keyId }),
    other('audit: history of a data unit', 'ListDataUnitHistory', { dataUnitId }),
    other('data units: tag that none has', 'ListDataUnits', { externalTag: 'none' }),
    other('keys: of a state that none has', 'ListKeys', { state: 'COMPROMISED' }),
  ];
}

/** IDs are random, so this is as far from the first as its share of all numbers. */
function placeOf(number: number): string {
  const share = Math.floor(((number % PAGES) / PAGES) * 0x1_0000_0000);
  return share.toString(16).toUpperCase().padStart(8, '0').padEnd(32, '0');
}

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
