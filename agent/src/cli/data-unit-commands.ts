/** `okm-agent data-unit create|get|find|disassociate`: volumes, media, objects; it touches no key bytes. */

import type { DataUnit } from '@openkma/protocol';
import type { Command } from 'commander';
import type { DataUnitDescription } from '../client.ts';
import { exampleHelp, withAgent } from './context.ts';
import { humanState, type Printable } from './output.ts';

/** The options of `data-unit` and `encrypt` that describe a data unit. */
export interface DescribingOptions {
  readonly externalId?: string;
  readonly tag?: string;
  readonly description?: string;
}

export function describedBy({ externalId, tag, description }: DescribingOptions): DataUnitDescription {
  return {
    ...(externalId === undefined ? {} : { externalUniqueId: externalId }),
    ...(tag === undefined ? {} : { externalTag: tag }),
    ...(description === undefined ? {} : { description }),
  };
}

export function addDescribingOptions(command: Command, withExternalId: boolean): Command {
  if (withExternalId) command.option('--external-id <hex>', 'external unique ID, up to 32 bytes');
  return command
    .option('--tag <text>', 'external tag, up to 64 bytes')
    .option('--description <text>', 'up to 64 bytes');
}

export function addDataUnitCommands(program: Command): void {
  const units = program
    .command('data-unit')
    .description('create and look up data units: volumes, media, objects');

  addDescribingOptions(units.command('create').description('create a data unit'), true)
    .addHelpText(
      'after',
      exampleHelp('okm-agent data-unit create --external-id 5441504530303031 --tag VOL001'),
    )
    .action(async (options: DescribingOptions, command: Command) => {
      await withAgent(command, async ({ client, output, json }) => {
        output.record(shown(await client.createDataUnit(describedBy(options)), json));
      });
    });

  addDescribingOptions(units.command('get <data-unit-id>').description('show a data unit by its ID'), true)
    .addHelpText('after', exampleHelp('okm-agent data-unit get 24072F2D9892BE582A1E7FB320BA76F6'))
    .action(async (id: string, options: DescribingOptions, command: Command) => {
      await withAgent(command, async ({ client, output, json }) => {
        output.record(shown(await client.retrieveDataUnit(id, describedBy(options)), json));
      });
    });

  addDescribingOptions(
    units
      .command('find <external-id>')
      .description('show a data unit by its external unique ID; a KMA creates it when there is none'),
    false,
  )
    .addHelpText('after', exampleHelp('okm-agent data-unit find 5441504530303031'))
    .action(async (externalId: string, options: DescribingOptions, command: Command) => {
      await withAgent(command, async ({ client, output, json }) => {
        output.record(
          shown(await client.retrieveDataUnitByExternalUniqueId(externalId, describedBy(options)), json),
        );
      });
    });

  units
    .command('disassociate <data-unit-id>')
    .description('the medium is overwritten: its old keys no longer belong to it')
    .addHelpText('after', exampleHelp('okm-agent data-unit disassociate 24072F2D9892BE582A1E7FB320BA76F6'))
    .action(async (id: string, _options: object, command: Command) => {
      await withAgent(command, async ({ client, output }) => {
        await client.disassociateDataUnitKeys(id);
        output.outcome({ dataUnitId: id, disassociated: true }, 'disassociated', false);
      });
    });
}

function shown(unit: DataUnit, json: boolean): Printable {
  return json ? { ...unit } : { ...unit, state: humanState(unit.state) };
}
