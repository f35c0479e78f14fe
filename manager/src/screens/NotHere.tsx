/** Stands where an address leads nowhere: to a place that is not for the user's roles, or to none at all. It says which, and how to go on. */
import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
} from '@patternfly/react-core';
import { Link, useLocation } from 'wouter';
import { mayCall, operation } from '../api/catalogue.ts';
import { askedAt } from '../places.ts';
import { placeIn } from '../shell/address.ts';
import { useSession } from '../shell/session.tsx';
import { placeName, roleNames, TEXTS } from '../texts/en.ts';

export default function NotHere() {
  const { roles } = useSession();
  const [path] = useLocation();
  const place = placeIn(path);
  const isForOthers = place !== undefined && !mayCall(askedAt(place), roles);
  return (
    <EmptyState titleText={isForOthers ? TEXTS.notForYou : TEXTS.noSuchPage} headingLevel="h1">
      <EmptyStateBody>
        {isForOthers
          ? TEXTS.notForYouText(
              placeName(place.path),
              roleNames(operation(askedAt(place)).roles),
              roleNames(roles),
            )
          : TEXTS.noSuchPageText(path)}
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          {history.length > 1 && (
            <Button variant="primary" onClick={() => history.back()}>
              {TEXTS.goBack}
            </Button>
          )}
          <Button variant="link" component={(props) => <Link {...props} href="/" />}>
            {TEXTS.toOverview}
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
