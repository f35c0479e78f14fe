/** Masthead, places and the page that is open. Places whose operations the user's roles do not have are not shown, and their addresses say so; the KMA would refuse them. */
import {
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadMain,
  MastheadToggle,
  Nav,
  NavGroup,
  NavItem,
  NavList,
  Page,
  PageSection,
  PageSidebar,
  PageSidebarBody,
  PageToggleButton,
  SkipToContent,
} from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, Route, Switch as Routes, useLocation } from 'wouter';
import { mayCall } from '../api/catalogue.ts';
import { askedAt, isShown, PLACES, type Place } from '../places.ts';
import { ACT_PAGES } from '../screens/beside.ts';
import { Overview } from '../screens/overview/Overview.tsx';
import { GROUPS, placeName, TEXTS } from '../texts/en.ts';
import { useNamed } from './address.ts';
import { InactivityWarning } from './InactivityWarning.tsx';
import { askForRows, DetailsPage, EnrolmentSheet, fetchPage, ListPage, NotHere } from './pages.tsx';
import { RunningJobs } from './RunningJobs.tsx';
import { useSession } from './session.tsx';
import { Toasts } from './toasts.tsx';
import { UserMenu } from './UserMenu.tsx';

const CONTENT = 'content';

export function Workplace() {
  const { roles } = useSession();
  const places = PLACES.filter((place) => mayCall(askedAt(place), roles));
  return (
    <Toasts>
      <Page
        masthead={<Head />}
        sidebar={<Places places={places} />}
        isManagedSidebar
        skipToContent={<SkipToContent href={`#${CONTENT}`}>{TEXTS.skip}</SkipToContent>}
        mainContainerId={CONTENT}
        // What scrolls can be scrolled by keys, also where nothing in it takes them (WCAG 2.1.1).
        mainTabIndex={0}
      >
        <PageSection className="okm-section">
          <RunningJobs />
          <Routes>
            <Route path="/">
              <Overview />
            </Route>
            {places.some(({ path }) => path === '/agents') && (
              <Route path="/agents/:id/sheet">
                <OfOne>{(agent) => <EnrolmentSheet agent={agent} />}</OfOne>
              </Route>
            )}
            {places.map((place) => (
              <Route key={place.path} path={place.path}>
                <PlacePage place={place} />
              </Route>
            ))}
            {places
              .filter(isShown)
              .filter(({ show, list }) => list !== undefined && mayCall(show, roles))
              .map((place) => (
                <Route key={`${place.path}/`} path={`${place.path}/:id`}>
                  <OfOne>{(id) => <DetailsPage place={place} id={id} />}</OfOne>
                </Route>
              ))}
            <Route>
              <NotHere />
            </Route>
          </Routes>
        </PageSection>
      </Page>
      <InactivityWarning />
    </Toasts>
  );
}

/** The page of the thing that the address names. */
function OfOne({ children }: { readonly children: (id: string) => ReactNode }) {
  const id = useNamed();
  return id === null ? <NotHere /> : children(id);
}

/** A list, one thing, or a page where an act is begun. */
function PlacePage({ place }: { readonly place: Place }) {
  const Act = ACT_PAGES[place.path];
  if (Act !== undefined) return <Act />;
  if (place.list !== undefined) return <ListPage key={place.path} place={place} />;
  return isShown(place) ? <DetailsPage place={place} id={null} /> : null;
}

function Head() {
  return (
    <Masthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton isHamburgerButton aria-label={TEXTS.navigation} />
        </MastheadToggle>
        <MastheadBrand>
          <Link href="/">
            <strong>{TEXTS.product}</strong>
          </Link>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent className="okm-end">
        <UserMenu />
      </MastheadContent>
    </Masthead>
  );
}

function Places({ places }: { readonly places: readonly Place[] }) {
  const [at] = useLocation();
  const isAt = (path: string) => at === path || at.startsWith(`${path}/`);
  const { roles } = useSession();
  const queries = useQueryClient();
  // A click is over when the finger is up again.
  const ahead = (pathname: string) => {
    void fetchPage({ pathname });
    void askForRows(queries, { pathname, search: '' }, roles);
  };
  return (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label={TEXTS.navigation}>
          <NavList>
            <NavItem isActive={at === '/'}>
              <Link href="/">{TEXTS.overview}</Link>
            </NavItem>
          </NavList>
          {Object.entries(GROUPS).map(([group, title]) => {
            const own = places.filter((place) => place.group === group);
            if (own.length === 0) return null;
            return (
              <NavGroup key={group} title={title}>
                {own.map(({ path }) => (
                  <NavItem key={path} isActive={isAt(path)}>
                    <Link href={path} onPointerDown={() => ahead(path)}>
                      {placeName(path)}
                    </Link>
                  </NavItem>
                ))}
              </NavGroup>
            );
          })}
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}
