/** Begins the page. */
import '@patternfly/react-core/dist/styles/base.css';
import './app.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Problem } from './api/call.ts';
import { App, standingNow } from './shell/App.tsx';
import { askForRows, fetchPage } from './shell/pages.tsx';
import { PreferencesProvider } from './shell/preferences.tsx';

/** A refusal stays one however often one asks. */
const isWorthAsking = (failures: number, error: Error) =>
  failures < 2 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500);

const queries = new QueryClient({
  defaultOptions: { queries: { retry: isWorthAsking, staleTime: 2_000, refetchOnWindowFocus: false } },
});

/** A page that is drawn once, with its rows, is there before one that is drawn without them first; but nobody looks at nothing for longer. */
const DRAWN_ANYWAY_MS = 200;
const soon = () => new Promise((resolve) => setTimeout(resolve, DRAWN_ANYWAY_MS));

/** Who is on the way to a list has its program and its first rows on the way before anything is drawn. */
async function begin(root: HTMLElement): Promise<void> {
  const page = fetchPage(location);
  const standing = await standingNow();
  if (standing.is === 'somebody') {
    const rows = askForRows(queries, location, standing.session.roles);
    await Promise.race([Promise.all([page, rows]), soon()]);
  }
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <PreferencesProvider>
          <App first={standing} />
        </PreferencesProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
void begin(root);
