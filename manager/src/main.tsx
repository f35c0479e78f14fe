/** Begins the page. */
import '@patternfly/react-core/dist/styles/base.css';
import './app.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Problem } from './api/call.ts';
import { App } from './shell/App.tsx';
import { PreferencesProvider } from './shell/preferences.tsx';

/** A refusal stays one however often one asks. */
const isWorthAsking = (failures: number, error: Error) =>
  failures < 2 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500);

const queries = new QueryClient({
  defaultOptions: { queries: { retry: isWorthAsking, staleTime: 2_000, refetchOnWindowFocus: false } },
});

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <PreferencesProvider>
        <App />
      </PreferencesProvider>
    </QueryClientProvider>
  </StrictMode>,
);
