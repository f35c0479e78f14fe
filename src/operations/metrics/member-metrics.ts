/** The members of the cluster as measurements: how many there are, who responds, how far each is apart from this KMA. It counts no keys. */
import type { DecideContext } from '../contexts.ts';
import { livingRows, shownName } from '../entities.ts';
import { type MemberStanding, standingsOf } from '../member-standing.ts';
import { isCutOff } from '../pool-outlook.ts';
import { gauge, type MetricRows } from './metric-rows.ts';

export function metricsOfMembers(context: DecideContext): MetricRows {
  const { state, self } = context;
  const standings = standingsOf(context);
  const others = livingRows(state, 'kma')
    .filter(({ id }) => id !== self.kmaId)
    .map((row) => ({ member: shownName(state, 'kma', row), standing: standings.get(row.id) }));
  const heard = others.flatMap(({ member, standing }) =>
    standing === undefined ? [] : [{ member, standing, lag: standing.lagEntries() }],
  );
  return [
    ...gauge('openkma_members', 'KMAs of the cluster, this one among them.', others.length + 1),
    ...gauge(
      'openkma_members_responding',
      'KMAs that respond, this one among them.',
      heard.filter(({ standing }) => standing.responding).length + 1,
    ),
    ...gauge(
      'openkma_cut_off',
      '1 where there are other KMAs and none responds: new keys become Ready by backups alone.',
      isCutOff(context) ? 1 : 0,
    ),
    ...gauge(
      'openkma_replication_lag_entries',
      'Entries between this KMA and the one it is furthest apart from.',
      Math.max(0, ...heard.map(({ lag }) => lag)),
    ),
    ...others.flatMap(({ member, standing }) =>
      gauge('openkma_member_responding', '1 where another KMA responds.', standing?.responding ? 1 : 0, {
        member,
      }),
    ),
    ...heard.flatMap(({ member, lag }) =>
      gauge(
        'openkma_member_lag_entries',
        'Entries that another KMA has not folded yet, or this one has not.',
        lag,
        { member },
      ),
    ),
    ...heard.flatMap(({ member, standing }) => responseTime(member, standing)),
    ...heard.flatMap(({ member, standing: { health } }) =>
      health === null
        ? []
        : gauge(
            'openkma_member_key_pool_ready_percent',
            'How much of the key pool of another KMA is Ready.',
            health.keyPoolReadyPercent,
            { member },
          ),
    ),
  ];
}

function responseTime(member: string, { responding, responseMs }: MemberStanding): MetricRows {
  if (!responding || responseMs === null) return [];
  return gauge('openkma_member_response_seconds', 'How long another KMA took to answer.', responseMs / 1000, {
    member,
  });
}
