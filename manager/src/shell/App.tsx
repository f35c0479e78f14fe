/** The page as a whole: log-in first, then the places that the user's roles lead to. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { Problem, request, whenSessionEnds } from '../api/call.ts';
import { rememberSealingKey } from '../api/sealing-key.ts';
import { LogInPage } from './LogInPage.tsx';
import { type Session, SessionContext } from './session.tsx';
import { Workplace } from './Workplace.tsx';

export type Standing =
  | { readonly is: 'nobody'; readonly over: boolean; readonly problem: Problem | null }
  | { readonly is: 'somebody'; readonly session: Session };

/** While its core is replaced a KMA answers nobody for a moment. */
const TRIES = 10;
const WAIT_MS = 500;

async function sessionNow(): Promise<Session | null> {
  for (let tries = 1; ; tries += 1)
    try {
      return (await request('GET', '/web/session', null)).body as Session | null;
    } catch (error) {
      if (tries === TRIES || !(error instanceof Problem) || error.status < 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
}

export async function standingNow(): Promise<Standing> {
  try {
    const session = await sessionNow();
    return session === null ? { is: 'nobody', over: false, problem: null } : { is: 'somebody', session };
  } catch (error) {
    return { is: 'nobody', over: false, problem: error instanceof Problem ? error : null };
  }
}

/** `first` is how somebody stands who has just come. */
export function App({ first }: { readonly first: Standing }) {
  const queries = useQueryClient();
  const [standing, setStanding] = useState(first);
  const look = useCallback(async (sealingKey: string) => {
    const now = await standingNow();
    if (now.is === 'somebody') rememberSealingKey(now.session.key, sealingKey);
    setStanding(now);
  }, []);
  useEffect(() => {
    whenSessionEnds(() => {
      queries.clear();
      setStanding({ is: 'nobody', over: true, problem: null });
    });
  }, [queries]);
  if (standing.is === 'nobody')
    return <LogInPage over={standing.over} unreachable={standing.problem} onLogIn={look} />;
  return (
    <SessionContext value={standing.session}>
      <Workplace />
    </SessionContext>
  );
}
