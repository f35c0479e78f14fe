/** "okm agent import": many agents out of a CSV file, one operation each. A run that broke off is started again with the same file: agents that are there are left as they are. */
import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import type { Manager } from '../../client/manager.ts';
import { OpenKmaError } from '../../errors.ts';
import { countText } from '../cell-text.ts';
import { say } from '../output.ts';
import { Connection } from './connection.ts';
import { type CsvRow, readCsv } from './csv.ts';
import type { Globals } from './globals.ts';
import { operationNamed } from './operation-named.ts';
import { printResult } from './result.ts';

const COLUMNS = [
  'agent',
  'description',
  'site',
  'onetimepassphrase',
  'modernonly',
  'passphrase',
  'keygroup',
] as const;
type Column = (typeof COLUMNS)[number];
const OTHERS = 0o077;

/** To be added before the commands of the catalogue, which share the group. */
export function addAgentImport(program: Command, globals: () => Globals): void {
  program
    .command('agent')
    .helpGroup('Each with commands of its own:')
    .command('import')
    .description('Creates the agents of a CSV file, with their default key groups where it names them.')
    .argument('<file>', 'CSV file with a heading; only its owner may read it, since it holds passphrases')
    .addHelpText(
      'after',
      `
Columns: ${COLUMNS.join(', ')}; agent and passphrase are needed. Flags are true or false.
An Operator creates agents; a column keygroup needs a user who is a Compliance Officer as well.
After a failure mend the file and run it again: agents that exist are left as they are, and said to exist.

Example:
  okm agent import agents.csv
`,
    )
    .action(async (file: string) => {
      const options = globals();
      const rows = readAgents(file);
      const connection = new Connection(options);
      const user = await connection.user();
      const made = await connection.use(user, async (manager) => {
        const done = [];
        try {
          for (const row of rows) done.push(await importAgent(manager, row));
        } catch (error) {
          say(
            `${done.length} of ${rows.length} agents are as ${file} says; what came before the failure stays`,
          );
          throw error;
        }
        return done;
      });
      printResult(made, options);
      say(`${countText(made.length, 'agent')} of ${file}`);
    });
}

function readAgents(file: string): readonly CsvRow[] {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new OpenKmaError('USAGE', `no file ${file}`);
  if ((found.mode & OTHERS) !== 0)
    throw new OpenKmaError('USAGE', `${file} holds passphrases and others may read it: chmod 600`);
  return readCsv(readFileSync(file, 'utf8'), COLUMNS);
}

async function importAgent(manager: Manager, row: CsvRow): Promise<object> {
  const cell = (name: Column) => row.cells[name] ?? '';
  const [agent, group] = [cell('agent'), cell('keygroup')];
  const text = (name: 'description' | 'site') => (cell(name) === '' ? {} : { [name]: cell(name) });
  const input = {
    agent,
    passphrase: cell('passphrase'),
    ...text('description'),
    ...text('site'),
    ...flag(row, 'onetimepassphrase', 'oneTimePassphrase'),
    ...flag(row, 'modernonly', 'modernOnly'),
  };
  let stage = '';
  try {
    const result = await created(manager, input);
    stage = result === 'created' ? 'was created, and its key group was refused: ' : '';
    if (group !== '') await manager.call(operationNamed('SetDefaultKeyGroup'), { agent, group });
    return { agent, group, result };
  } catch (error) {
    if (!(error instanceof OpenKmaError)) throw error;
    throw new OpenKmaError(
      error.code,
      `record ${row.number}, ${agent}: ${stage}${error.detail ?? 'refused'}`,
    );
  }
}

async function created(manager: Manager, input: Record<string, unknown>): Promise<'created' | 'exists'> {
  try {
    await manager.call(operationNamed('CreateAgent'), input);
    return 'created';
  } catch (error) {
    if (error instanceof OpenKmaError && error.code === 'AGENT_EXISTS') return 'exists';
    throw error;
  }
}

function flag(row: CsvRow, column: Column, field: string): Record<string, boolean> {
  const text = (row.cells[column] ?? '').toLowerCase();
  if (text === '') return {};
  if (text !== 'true' && text !== 'false')
    throw new OpenKmaError('USAGE', `record ${row.number}: ${column} is true or false`);
  return { [field]: text === 'true' };
}
