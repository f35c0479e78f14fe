/** The file of "--duids": data unit IDs, one a line. It asks for none of them. */
import { readFileSync } from 'node:fs';
import { OpenKmaError } from '../../../errors.ts';

export interface DataUnitLine {
  readonly number: number;
  readonly dataUnitId: string;
}

const DATA_UNIT_ID = /^[0-9A-Fa-f]{32}$/;

/** All of it is looked at before anything is done by it. */
export function readDataUnitIds(path: string): readonly DataUnitLine[] {
  const lines = textOf(path)
    .split('\n')
    .map((line, index) => ({ number: index + 1, dataUnitId: line.trim().toUpperCase() }))
    .filter(({ dataUnitId }) => dataUnitId !== '');
  const wrong = lines.find(({ dataUnitId }) => !DATA_UNIT_ID.test(dataUnitId));
  if (wrong !== undefined)
    throw new OpenKmaError('USAGE', `${path}, line ${wrong.number}: a data unit ID is 32 hex digits`);
  if (lines.length === 0) throw new OpenKmaError('USAGE', `${path} names no data unit`);
  return lines;
}

function textOf(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new OpenKmaError('USAGE', error instanceof Error ? error.message : path);
  }
}
