/** What an act that cannot be taken back hits, in numbers: which lists are counted before somebody confirms it. It acts on nothing. */
import type { Input } from '../api/call.ts';
import type { ListId, OperationId } from '../api/types.ts';

export interface Loss {
  readonly list: ListId;
  readonly by?: Input;
  readonly filter?: readonly string[];
  readonly text: (count: string) => string;
}

/** By operation, from what is known of the thing. */
export const LOSSES: Readonly<Partial<Record<OperationId, (known: Input) => readonly Loss[]>>> = {
  destroyKeys: ({ dataUnitId }) => [
    {
      list: 'listKeys',
      by: { dataUnitId },
      filter: ['state=DEACTIVATED'],
      text: (count) => `${count} deactivated keys of this data unit`,
    },
    {
      list: 'listKeys',
      by: { dataUnitId },
      filter: ['state=COMPROMISED'],
      text: (count) => `${count} compromised keys of this data unit`,
    },
  ],
  deleteAgent: ({ agent }) => [
    {
      list: 'listAgentKeyGroups',
      filter: [`agent=${String(agent)}`],
      text: (count) => `${count} key groups in which it may make and read keys`,
    },
  ],
  deleteKeyGroup: ({ group }) => [
    {
      list: 'listAgentKeyGroups',
      filter: [`group=${String(group)}`],
      text: (count) => `${count} agents that use it`,
    },
    { list: 'listKeys', filter: [`group=${String(group)}`], text: (count) => `${count} keys in it` },
  ],
  deleteSite: ({ site }) => [
    { list: 'listAgents', filter: [`site=${String(site)}`], text: (count) => `${count} agents of this site` },
    { list: 'listKmas', filter: [`site=${String(site)}`], text: (count) => `${count} KMAs of this site` },
  ],
  lockKma: () => [
    {
      list: 'listAgents',
      filter: ['enrolled=true'],
      text: (count) => `${count} enrolled agents of the cluster`,
    },
  ],
  renewRootCa: () => [
    {
      list: 'listUserCertificates',
      text: (count) =>
        `${count} certificates of people and programs: they stay good, and whoever checks the KMA by the old root certificate needs the new one`,
    },
  ],
};
