/** The pages that places have, each a program of its own, and what is fetched for somebody who is on the way to one. It draws nothing but that a program is on its way. */
import type { QueryClient } from '@tanstack/react-query';
import { mayCall } from '../api/catalogue.ts';
import { askForFirstRows } from '../lists/page-query.ts';
import { PLACES } from '../places.ts';
import { TEXTS } from '../texts/en.ts';
import { later } from './later.tsx';

const LOADING = <p>{TEXTS.loading}</p>;

export const ListPage = later(() => import('../lists/ListPage.tsx'), LOADING);
export const DetailsPage = later(() => import('../screens/DetailsPage.tsx'), LOADING);
export const EnrolmentSheet = later(() => import('../screens/EnrolmentSheet.tsx'), LOADING);
export const NotHere = later(() => import('../screens/NotHere.tsx'), LOADING);

export interface Address {
  readonly pathname: string;
  readonly search: string;
}

/** A page that cannot be had says so where it is shown. */
export async function fetchPage({ pathname }: Pick<Address, 'pathname'>): Promise<void> {
  if (listAt(pathname) !== undefined) await ListPage.fetch().catch(() => undefined);
}

export async function askForRows(
  queries: QueryClient,
  { pathname, search }: Address,
  roles: readonly string[],
): Promise<void> {
  const place = listAt(pathname);
  if (place !== undefined && mayCall(place.list, roles)) await askForFirstRows(queries, place, search);
}

function listAt(pathname: string) {
  return PLACES.filter((place) => place.list !== undefined).find(({ path }) => path === pathname);
}
