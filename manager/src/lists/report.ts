/** Saves a whole list as it is filtered and sorted, as a table for other programs. */
import { fetchReport, queryOf } from '../api/call.ts';
import type { Operation } from '../api/catalogue.ts';
import { saveAs } from '../screens/save-as.ts';
import type { ListState } from './list-state.ts';

export async function saveReport({ path, id }: Operation, { filters, sort }: ListState): Promise<void> {
  const query = queryOf([['filter', filters], ...(sort === '' ? [] : [['sort', sort] as const])]);
  const report = await fetchReport(query === '' ? path : `${path}?${query}`, 'text/tab-separated-values');
  saveAs(report, `${id}.tsv`);
}
