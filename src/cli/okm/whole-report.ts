/** "--all": a whole list, page by page, to standard output or into a file of its owner; no more than a page is held. */
import { pipeline } from 'node:stream/promises';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import type { Operation } from '../../operations/operation.ts';
import { asPage, comesInPages } from '../../operations/pages.ts';
import { reportText } from '../../operations/report.ts';
import { tableText } from '../text-layout.ts';
import type { Globals } from './globals.ts';
import { writePieces } from './result-file.ts';

const PAGE_ROWS = 1000;
type Input = Readonly<Record<string, unknown>>;
type Rows = readonly Readonly<Record<string, unknown>>[];

export async function printWhole(
  manager: Manager,
  operation: Operation,
  input: Input,
  { json, tsv, output }: Pick<Globals, 'json' | 'tsv' | 'output'>,
): Promise<void> {
  if (!comesInPages(operation)) throw new OpenKmaError('USAGE', '--all is for lists that come in pages');
  const pages = pagesOf(manager, operation, input);
  const pieces =
    json === true
      ? reportText('json-lines', pages)
      : tsv === true
        ? reportText('tsv', pages)
        : tableText(pages);
  if (output !== undefined) return writePieces(output, pieces);
  await pipeline(pieces, process.stdout, { end: false });
}

async function* pagesOf(manager: Manager, operation: Operation, input: Input): AsyncGenerator<Rows> {
  let after = input['after'];
  do {
    const from = after === undefined ? {} : { after };
    const page = asPage((await manager.call(operation, { limit: PAGE_ROWS, ...input, ...from })).output);
    if (page === null) throw new OpenKmaError('SERVER_ERROR', 'the answer is no page of a list');
    yield page.rows;
    after = page.next;
  } while (after !== null);
}
