/** "Save report" of port 3333: a whole list in the format that Accept names, page by page. Each page is a call of its own, so the caller is judged again at each; a report that cannot go on ends without its last chunk. */
import { asPage, comesInPages, type Page } from '../../operations/pages.ts';
import { type ReportFormat, reportText } from '../../operations/report.ts';
import type { ManagementCall, ManagementProblem, ManagementReply } from './link.ts';
import type { RoutedOperation } from './routes.ts';

const PAGE_ROWS = 250;
type Fields = Readonly<Record<string, unknown>>;

/** A media type that a list is written in, and its lines. */
export interface ReportType {
  readonly mediaType: string;
  readonly format: ReportFormat;
}

/** Text for people and for spreadsheets is the same. */
export const REPORT_TYPES: readonly ReportType[] = [
  { mediaType: 'application/x-ndjson', format: 'json-lines' },
  { mediaType: 'text/tab-separated-values', format: 'tsv' },
  { mediaType: 'text/plain', format: 'tsv' },
];

/** Null where JSON is wanted, or the operation is no list that comes in pages. */
export function reportTypeOf(operation: RoutedOperation, accept: string | undefined): ReportType | null {
  if (accept === undefined || !comesInPages(operation)) return null;
  const wanted = accept.split(',').map((part) => part.replace(/;.*/, '').trim().toLowerCase());
  return REPORT_TYPES.find(({ mediaType }) => mediaType === wanted[0]) ?? null;
}

/** The call for the first page: as large as pages may be, where the caller says nothing else. */
export function firstCall(call: ManagementCall): ManagementCall {
  return { ...call, input: { limit: PAGE_ROWS, ...Object(call.input) } };
}

type Ask = (call: ManagementCall) => Promise<ManagementReply | ManagementProblem | null>;

export function reportPieces(
  { format }: ReportType,
  call: ManagementCall,
  first: unknown,
  ask: Ask,
): AsyncGenerator<string> {
  return reportText(format, pagesFrom(call, first, ask));
}

async function* pagesFrom(call: ManagementCall, first: unknown, ask: Ask): AsyncGenerator<readonly Fields[]> {
  for (let page = pageOf(first); ; ) {
    yield page.rows;
    if (page.next === null) return;
    const answer = await ask({ ...call, input: { ...Object(call.input), after: page.next } });
    if (answer?.t !== 'reply') throw new Error(`the report ends early: ${answer?.code ?? 'no answer'}`);
    page = pageOf(answer.output);
  }
}

function pageOf(output: unknown): Page<Fields> {
  const page = asPage(output);
  if (page === null) throw new TypeError('a list that comes in pages gave none');
  return page;
}
