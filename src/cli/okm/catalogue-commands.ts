/** Every operation that is called over HTTP as a command of okm, from its own record. It knows no operation by name. */
import type { Command } from 'commander';
import { finished } from '../../client/job.ts';
import { operations } from '../../operations/catalogue.ts';
import { continuation } from '../continuation.ts';
import { addOperationCommand, describeGroups, type OperationRequest } from '../operation-command.ts';
import { say } from '../output.ts';
import { progressLine } from '../progress.ts';
import { printAnswer } from './answer.ts';
import { Connection } from './connection.ts';
import { okmDialect } from './dialect.ts';
import type { Globals } from './globals.ts';
import { callUnlessChanged } from './lost-updates.ts';
import { printWhole } from './whole-report.ts';

/** Those among them that change something, of one version. */
export function addCatalogueCommands(program: Command, globals: () => Globals): readonly Command[] {
  const dialect = okmDialect(() => new Connection(globals()));
  const changing: Command[] = [];
  for (const operation of operations) {
    if (operation.http === undefined) continue;
    const command = addOperationCommand(program, operation, (request) => run(request, globals()), dialect);
    if (command !== null && operation.http.method !== 'GET') changing.push(command);
  }
  describeGroups(program);
  return changing;
}

async function run(request: OperationRequest, globals: Globals): Promise<void> {
  const { operation, input, user, quorum } = request;
  if (globals.all === true) {
    await new Connection(globals).use(user, (manager) => printWhole(manager, operation, input, globals));
    return;
  }
  const options = { quorum, ...(globals.ifMatch === undefined ? {} : { ifMatch: globals.ifMatch }) };
  const line = progressLine(globals.json !== true);
  const asked = new Connection(globals).use(user, async (manager) => {
    const first =
      globals.force === true
        ? await manager.call(operation, input, options)
        : await callUnlessChanged(manager, operation, input, options);
    return finished(manager, first, line.update);
  });
  const answer = await asked.finally(line.end);
  printAnswer(answer, operation.command?.document === true ? { ...globals, json: true } : globals);
  const more = globals.json === true ? null : continuation(answer.output);
  if (more !== null) say(more);
}
