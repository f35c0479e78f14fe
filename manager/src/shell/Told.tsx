/** A text of the KMA with links to the places that it speaks of. */
import { Fragment } from 'react';
import { Link } from 'wouter';
import { inPlaces } from '../texts/in-places.ts';

export function Told({ text }: { readonly text: string }) {
  return inPlaces(text).map(({ text: said, to }) => (
    <Fragment key={`${said}${to ?? ''}`}>{to === undefined ? said : <Link href={to}>{said}</Link>}</Fragment>
  ));
}
