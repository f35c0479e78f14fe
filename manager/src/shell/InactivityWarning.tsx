/** Warns before the KMA ends a session that nobody uses. It keeps nobody logged in by itself. */
import { lazy, Suspense, useEffect, useState } from 'react';
import { call } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { useSession } from './session.tsx';

const SoonOver = lazy(() => import('./SoonOver.tsx'));

const WARNING_MS = 60_000;
const LOOK_MS = 1_000;
const MINUTE_MS = 60_000;
/** What somebody does who is there. */
const SIGNS = ['pointerdown', 'keydown'] as const;
/** The KMA is told at most so often. */
const TELL_MS = 30_000;

export function InactivityWarning() {
  const { inactivityMinutes } = useSession();
  const [left, setLeft] = useState<number | null>(null);
  const [usedAt, setUsedAt] = useState(() => Date.now());
  useEffect(() => {
    let told = Date.now();
    const use = () => {
      if (Date.now() - told < TELL_MS) return;
      told = Date.now();
      setUsedAt(told);
      void call(operation('showSession'), {}).catch(() => undefined);
    };
    for (const sign of SIGNS) addEventListener(sign, use);
    return () => {
      for (const sign of SIGNS) removeEventListener(sign, use);
    };
  }, []);
  useEffect(() => {
    if (inactivityMinutes === 0) return;
    const timer = setInterval(() => {
      const leftMs = usedAt + inactivityMinutes * MINUTE_MS - Date.now();
      setLeft(leftMs < WARNING_MS ? Math.max(0, Math.round(leftMs / 1000)) : null);
      // The KMA has ended it by now, and says so.
      if (leftMs < 0) void call(operation('showSession'), {}, { unattended: true }).catch(() => undefined);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [inactivityMinutes, usedAt]);
  const goOn = () => {
    setUsedAt(Date.now());
    setLeft(null);
    void call(operation('showSession'), {}).catch(() => undefined);
  };
  if (left === null) return null;
  return (
    <Suspense fallback={null}>
      <SoonOver seconds={left} onGoOn={goOn} />
    </Suspense>
  );
}
