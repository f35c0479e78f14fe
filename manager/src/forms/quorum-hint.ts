/** How many holders of the key split a form needs, for who may see the split. It names no passphrase. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { mayCall, operation } from '../api/catalogue.ts';
import { useSession } from '../shell/session.tsx';
import { TEXTS } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';

interface KeySplit {
  readonly threshold: number;
  readonly size: number;
  readonly names: readonly string[];
}

export function useQuorumHint(isNeeded: boolean, takesNew: boolean): string {
  const { roles } = useSession();
  const { data } = useQuery({
    queryKey: ['show', 'showKeySplit', 'hint'],
    enabled: isNeeded && mayCall('showKeySplit', roles),
    queryFn: async ({ signal }) =>
      (await call(operation('showKeySplit'), {}, { signal, unattended: true })).body as KeySplit,
  });
  const known =
    data === undefined ? [] : [SCREEN_TEXTS.quorumOf(data.threshold, data.size, data.names.join(', '))];
  return [...known, ...(takesNew ? [SCREEN_TEXTS.newHolders] : []), TEXTS.quorumHint].join(' ');
}
