/** ShowSite: a site as people see it, and the version of what they see. It changes nothing. */
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { reading } from './common-settings.ts';
import { find, shownName } from './entities.ts';
import { dateText, name } from './fields.ts';
import { namedEntity } from './named-entity.ts';
import { operation } from './operation.ts';

export const siteEntity = namedEntity('site', 'site');

export const shownSite = z.strictObject({ site: z.string(), description: z.string(), createdAt: z.string() });

export function siteShown(state: StateView, row: Row<'site'>): z.infer<typeof shownSite> {
  return {
    site: shownName(state, 'site', row),
    description: row.description ?? '',
    createdAt: dateText(row.createdAt),
  };
}

export const showSite = operation({
  ...reading,
  callers: ['SECURITY_OFFICER', 'OPERATOR'],
  name: 'ShowSite',
  http: { method: 'GET', path: '/v1/sites/{site}' },
  entity: siteEntity,
  summary: 'Shows a site.',
  input: z.strictObject({ site: name('site ID') }),
  output: shownSite,
  command: {
    words: ['site', 'show'],
    arguments: ['site'],
    example: 'kma site show berlin --user officer',
  },
  view(input, { state }) {
    const site = find(state, 'site', input.site, 'SITE_DOES_NOT_EXIST');
    return isRefusal(site) ? site : siteShown(state, site);
  },
});
