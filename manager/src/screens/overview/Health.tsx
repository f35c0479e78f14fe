/** How the KMAs of the cluster fare: who answers, pools, lag, locks. */
import type { RowOf } from '../../api/types.ts';
import { TEXTS } from '../../texts/en.ts';
import { SCREEN_TEXTS } from '../../texts/screens.ts';
import { Tile } from './Tile.tsx';

export type Kma = RowOf<'listKmas'>;

const POOL_LOW_PERCENT = 20;
const LAG_HIGH = 1_000;

export function Health({ kmas }: { readonly kmas: readonly Kma[] }) {
  const responding = kmas.filter((kma) => kma.responding);
  const silent = kmas.filter((kma) => !kma.responding).map(({ kma }) => kma);
  const locked = kmas.filter((kma) => kma.locked).map(({ kma }) => kma);
  const least = responding.toSorted((one, other) => one.poolReadyPercent - other.poolReadyPercent)[0];
  const behind = responding.toSorted((one, other) => other.replicationLag - one.replicationLag)[0];
  const among = (kma: Kma | undefined) => (kma !== undefined && kmas.length > 1 ? kma.kma : '');
  return (
    <>
      <Tile
        title={TEXTS.kmas}
        to="/kmas"
        tone={silent.length === 0 ? 'success' : 'danger'}
        detail={silent.length === 0 ? '' : SCREEN_TEXTS.silent(silent.join(', '))}
      >
        {TEXTS.responding(responding.length, kmas.length)}
      </Tile>
      {least !== undefined && (
        <Tile
          title={TEXTS.poolReady}
          to="/kmas"
          tone={least.poolReadyPercent < POOL_LOW_PERCENT ? 'warning' : 'success'}
          detail={among(least)}
        >
          {least.poolReadyPercent} %
        </Tile>
      )}
      {behind !== undefined && (
        <Tile
          title={TEXTS.lag}
          to="/kmas"
          tone={behind.replicationLag > LAG_HIGH ? 'warning' : 'success'}
          detail={behind.replicationLag > 0 ? among(behind) : ''}
        >
          {TEXTS.entries(behind.replicationLag)}
        </Tile>
      )}
      <Tile title={TEXTS.lockedKmas} to="/lock" tone={locked.length > 0 ? 'danger' : 'success'}>
        {locked.length === 0 ? TEXTS.no : locked.join(', ')}
      </Tile>
    </>
  );
}
