/** Reads what the address of the page names. It changes no address. */
import { usePathname } from 'wouter/use-browser-location';
import { PLACES, type Place } from '../places.ts';

/** The place that the first part of the path leads to, whoever may see it. */
export function placeIn(path: string): Place | undefined {
  return PLACES.find((place) => path === place.path || path.startsWith(`${place.path}/`));
}

/** The second part of the path: what one thing is called. Null where there is none, or nobody could have written it. */
export function useNamed(): string | null {
  // Not by the router, which decodes a path as a whole: a name with "%" would be decoded twice.
  const [, , written = ''] = usePathname().split('/');
  try {
    return written === '' ? null : decodeURIComponent(written);
  } catch {
    return null;
  }
}
