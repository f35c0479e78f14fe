/** The list of the software of this KMA: one version is installed, and active, until there are upgrades. */
import { z } from 'zod';
import { reading } from '../common-settings.ts';
import { listOfCore } from '../lists/list.ts';

export const listSoftwareVersions = listOfCore({
  ...reading,
  name: 'ListSoftwareVersions',
  http: { method: 'GET', path: '/v1/software-versions' },
  summary: 'Lists the installed versions of the software, and what they run on.',
  row: z.strictObject({
    version: z.string(),
    active: z.boolean(),
    /** Of the store; a newer one is not opened by older software. */
    schemaVersion: z.number(),
    node: z.string(),
    sqlite: z.string(),
    openssl: z.string(),
  }),
  key: ['version'],
  order: 'version',
  command: { words: ['system', 'versions'], example: 'kma system versions --user auditor' },
  rows: ({ software }) => {
    const installed = software?.();
    return installed === undefined ? [] : [{ ...installed, active: true }];
  },
});
