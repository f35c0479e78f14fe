/** One thing: all that is known of it, what can be done with it, and the lists that belong to it. */
import { Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { call } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { Actions } from '../forms/Actions.tsx';
import type { ShownPlace } from '../places.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { placeName, TEXTS } from '../texts/en.ts';
import { BESIDE, type Thing } from './beside.ts';
import { RelatedLists } from './RelatedLists.tsx';
import { ThingView } from './ThingView.tsx';

interface DetailsPageProps {
  readonly place: ShownPlace;
  /** Null where the place shows one thing only. */
  readonly id: string | null;
}

export default function DetailsPage({ place, id }: DetailsPageProps) {
  const show = operation(place.show);
  const [, go] = useLocation();
  const input = id === null ? {} : { [place.id ?? '']: id };
  const { data, error } = useQuery({
    queryKey: ['show', show.id, input],
    queryFn: ({ signal }) => call(show, input, { signal, unattended: place.refreshMs !== undefined }),
    ...(place.refreshMs === undefined ? {} : { refetchInterval: place.refreshMs }),
  });
  const thing = data?.body as Thing | undefined;
  const { above: Above, buttons: Buttons, below: Below, shownThere = [] } = BESIDE[place.path] ?? {};
  return (
    <>
      {id !== null && <Link href={place.path}>{TEXTS.back}</Link>}
      <Title headingLevel="h1">
        {id === null ? placeName(place.path) : `${placeName(place.path)}: ${id}`}
      </Title>
      {error !== null && <ProblemAlert error={error} />}
      {thing !== undefined && (
        <>
          <div className="okm-bar okm-not-on-paper">
            <Actions
              ids={(id === null ? place.actions : place.rowActions) ?? []}
              input={thing}
              version={data?.version ?? null}
              onDone={(done) => done.startsWith('delete') && go(place.path)}
            />
            {Buttons !== undefined && <Buttons thing={thing} />}
          </div>
          {id === null && Above !== undefined && <Above />}
          <ThingView thing={without(thing, shownThere)} of={show.id} />
          {Below !== undefined && <Below thing={thing} />}
          {id !== null && <RelatedLists place={place} thing={thing} id={id} />}
        </>
      )}
    </>
  );
}

function without(thing: Thing, names: readonly string[]): Thing {
  return Object.fromEntries(Object.entries(thing).filter(([name]) => !names.includes(name)));
}
