/** Commands in a list, which are okm's, as they are typed at the appliance: its own name, and who asks. JSON has okm's; it runs none of them. */
import { asPage } from '../operations/pages.ts';
import { isCommand } from './cell-text.ts';
import { calledAs } from './own-name.ts';

const OKM = 'okm ';

/** `data` as for `calledAs`. */
export function withCommandsHere(output: unknown, data: string | null): unknown {
  const page = asPage(output);
  return page === null ? output : { ...page, rows: page.rows.map((row) => rowHere(row, data)) };
}

function rowHere(row: Readonly<Record<string, unknown>>, data: string | null) {
  const cells = Object.entries(row).map(([name, value]) => [
    name,
    isCommand(name) && typeof value === 'string' ? commandHere(value, data) : value,
  ]);
  return Object.fromEntries(cells) as Record<string, unknown>;
}

/** At the appliance nobody is logged in, so each command says whose it is. */
function commandHere(command: string, data: string | null): string {
  if (!command.startsWith(OKM)) return command;
  return `${calledAs(data)} ${command.slice(OKM.length)} --user NAME`;
}
