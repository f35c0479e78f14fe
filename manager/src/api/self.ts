/** The KMA that the page comes from, as far as it decides what can be done there. It is asked for anew as long as something depends on it, and changes nothing. */
import { useQuery } from '@tanstack/react-query';
import type { Self } from '../forms/why-not.ts';
import { call } from './call.ts';
import { operation } from './catalogue.ts';

/** Another officer may lock it, and a lock takes a moment. */
const REFRESH_MS = 5_000;

/** Undefined until the answer is there. */
export function useSelf(): Self | undefined {
  const { data } = useQuery({
    queryKey: ['self'],
    queryFn: async ({ signal }) =>
      (await call(operation('showLockStatus'), {}, { signal, unattended: true })).body as Self,
    refetchInterval: REFRESH_MS,
  });
  return data;
}
