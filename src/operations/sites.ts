/** Operations on sites: labels that group KMAs and agents, so that agents prefer KMAs near them. */
import { z } from 'zod';
import { created, removed, set } from '../core/facts.ts';
import { INTERNAL_ID_BYTES, idFrom } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import { reading, securityOfficerMediumTerm } from './common-settings.ts';
import { find, isUsed, livingRows } from './entities.ts';
import { description, name } from './fields.ts';
import { listOperation } from './lists/list.ts';
import { newName } from './new-name.ts';
import { operation } from './operation.ts';
import { shownSite, showSite, siteEntity, siteShown } from './show-site.ts';
import { success } from './success.ts';

const done = z.null();

export const createSite = operation({
  ...securityOfficerMediumTerm,
  name: 'CreateSite',
  http: { method: 'POST', path: '/v1/sites' },
  summary: 'Creates a site.',
  input: z.strictObject({ site: newName('site ID'), description: description().default('') }),
  output: done,
  command: {
    words: ['site', 'create'],
    arguments: ['site'],
    example: 'kma site create berlin --user officer',
  },
  decide(input, { state, nowMs, random }) {
    if (byName(state, 'site', input.site) !== undefined) return refuse('SITE_EXISTS', input.site);
    const id = idFrom(random(INTERNAL_ID_BYTES));
    const facts = [
      created('site', id, { name: input.site, createdAt: nowMs }),
      set('site', id, { description: input.description }),
    ];
    return {
      facts,
      output: null,
      audit: success(`site=${input.site}`),
    };
  },
});

export const listSites = listOperation({
  ...reading,
  callers: ['SECURITY_OFFICER', 'OPERATOR'],
  name: 'ListSites',
  http: { method: 'GET', path: '/v1/sites' },
  summary: 'Lists the sites.',
  row: shownSite,
  key: ['site'],
  order: 'site',
  command: { words: ['site', 'list'], example: 'kma site list --user officer' },
  rows({ state }) {
    return livingRows(state, 'site').map((row) => siteShown(state, row));
  },
});

export const modifySite = operation({
  ...securityOfficerMediumTerm,
  name: 'ModifySite',
  http: { method: 'PATCH', path: '/v1/sites/{site}' },
  entity: siteEntity,
  summary: "Changes a site's description.",
  input: z.strictObject({ site: name('site ID'), description: description() }),
  output: done,
  command: {
    words: ['site', 'modify'],
    arguments: ['site'],
    example: 'kma site modify berlin --description "Berlin, hall 2" --user officer',
  },
  decide(input, { state }) {
    const site = find(state, 'site', input.site, 'SITE_DOES_NOT_EXIST');
    if (isRefusal(site)) return site;
    const facts = [set('site', site.id, { description: input.description })];
    return {
      facts,
      output: null,
      audit: success(`site=${input.site}`),
    };
  },
});

export const deleteSite = operation({
  ...securityOfficerMediumTerm,
  name: 'DeleteSite',
  http: { method: 'DELETE', path: '/v1/sites/{site}' },
  entity: siteEntity,
  summary: 'Deletes a site that no agent and no KMA belongs to.',
  input: z.strictObject({ site: name('site ID') }),
  output: done,
  command: {
    words: ['site', 'delete'],
    arguments: ['site'],
    example: 'kma site delete berlin --user officer',
  },
  decide(input, { state }) {
    const site = find(state, 'site', input.site, 'SITE_DOES_NOT_EXIST');
    if (isRefusal(site)) return site;
    if (isUsed(state, 'agent', 'site', site.id) || isUsed(state, 'kma', 'site', site.id))
      return refuse('SITE_IN_USE', input.site);
    return {
      facts: [removed('site', site.id)],
      output: null,
      audit: success(`site=${input.site}`),
    };
  },
});

export const siteOperations = [createSite, listSites, showSite, modifySite, deleteSite];
