/** The commands of one word, for scripts that were written for the command line of the product. It runs none. */
import type { Command } from 'commander';
import type { Globals } from '../globals.ts';
import { auditEventsCommand } from './audit-events.ts';
import { createAgentCommand } from './create-agent.ts';
import { currentLoadCommand } from './current-load.ts';
import { deleteAgentCommand } from './delete-agent.ts';
import { destroyKeysCommand } from './destroy-keys.ts';
import { listAgentPerformanceCommand } from './list-agent-performance.ts';
import { listAgentsCommand } from './list-agents.ts';
import { listDataUnitsCommand } from './list-data-units.ts';
import { listKeyUsageCommand } from './list-key-usage.ts';
import { listKmaPerformanceCommand } from './list-kma-performance.ts';
import { modifyAgentCommand } from './modify-agent.ts';
import { addScriptCommand } from './script-command.ts';

const COMMANDS = [
  listAgentsCommand,
  createAgentCommand,
  modifyAgentCommand,
  deleteAgentCommand,
  listDataUnitsCommand,
  listKeyUsageCommand,
  destroyKeysCommand,
  auditEventsCommand,
  currentLoadCommand,
  listAgentPerformanceCommand,
  listKmaPerformanceCommand,
];

export function addScriptCommands(program: Command, globals: () => Globals): void {
  for (const command of COMMANDS) addScriptCommand(program, globals, command);
}
