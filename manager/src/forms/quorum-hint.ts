/** How many holders of the key split a form needs, for who may see the split. It names no passphrase. */
import { useQuery } from '@tanstack/react-query';
import { ask } from '../api/ask.ts';
import { mayCall } from '../api/catalogue.ts';
import { useSession } from '../shell/session.tsx';
import { TEXTS } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';

export function useQuorumHint(isNeeded: boolean, takesNew: boolean): string {
  const { roles } = useSession();
  const { data } = useQuery({
    queryKey: ['show', 'showKeySplit', 'hint'],
    enabled: isNeeded && mayCall('showKeySplit', roles),
    queryFn: ({ signal }) => ask('showKeySplit', {}, { signal, unattended: true }),
  });
  const known =
    data === undefined ? [] : [SCREEN_TEXTS.quorumOf(data.threshold, data.size, data.names.join(', '))];
  return [...known, ...(takesNew ? [SCREEN_TEXTS.newHolders] : []), TEXTS.quorumHint].join(' ');
}
