/** A whole list as it comes, page by page, to standard output or into a file of its owner; no more than two pages are held. */
import { pipeline } from 'node:stream/promises';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import { jsonText } from '../../operations/json-text.ts';
import type { Operation } from '../../operations/operation.ts';
import { comesInPages } from '../../operations/pages.ts';
import { reportText } from '../../operations/report.ts';
import { tableText } from '../text-layout.ts';
import type { Globals } from './globals.ts';
import { pagesOf, type Rows } from './pages.ts';
import { writePieces } from './result-file.ts';

type Form = Pick<Globals, 'json' | 'tsv' | 'output'>;

/** "--all": with --json one row a line. */
export async function printWhole(
  manager: Manager,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  form: Form,
): Promise<void> {
  if (!comesInPages(operation)) throw new OpenKmaError('USAGE', '--all is for lists that come in pages');
  const pages = pagesOf(manager, operation, input);
  await print(form.json === true ? reportText('json-lines', pages) : textOf(pages, form), form);
}

/** What a command for scripts lists: with --json one array. */
export async function printPages(pages: AsyncIterable<Rows>, form: Form): Promise<void> {
  await print(form.json === true ? jsonArray(pages) : textOf(pages, form), form);
}

function textOf(pages: AsyncIterable<Rows>, { tsv }: Form): AsyncIterable<string> {
  return tsv === true ? reportText('tsv', pages) : tableText(pages);
}

async function print(pieces: AsyncIterable<string>, { output }: Form): Promise<void> {
  if (output !== undefined) return writePieces(output, pieces);
  await pipeline(pieces, process.stdout, { end: false });
}

/** A row a line. */
async function* jsonArray(pages: AsyncIterable<Rows>): AsyncGenerator<string> {
  let empty = true;
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield (empty ? '[\n' : ',\n') + rows.map((row) => `  ${jsonText(row)}`).join(',\n');
    empty = false;
  }
  yield empty ? '[]\n' : '\n]\n';
}
