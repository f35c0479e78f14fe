/** Tells the KMA that somebody is there, and warns before it ends a session that nobody uses. It keeps nobody logged in by itself. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { standingOf, type Use } from './inactivity.ts';
import { later } from './later.tsx';
import { type Session, useSession } from './session.tsx';

const SoonOver = later(() => import('./SoonOver.tsx'));

const LOOK_MS = 1_000;
/** What somebody does who is there. */
const SIGNS = ['pointerdown', 'keydown'] as const;
/** Pages of one browser have one session: what one tells the KMA the others know. */
const TOLD = 'openkma.told';

export function InactivityWarning() {
  const { inactivityMinutes } = useSession();
  const [left, setLeft] = useState<number | null>(null);
  const { note, look } = useUse(inactivityMinutes);
  useEffect(() => {
    for (const sign of SIGNS) addEventListener(sign, note);
    const timer = setInterval(() => setLeft(look()), LOOK_MS);
    return () => {
      for (const sign of SIGNS) removeEventListener(sign, note);
      clearInterval(timer);
    };
  }, [note, look]);
  const goOn = () => {
    note();
    setLeft(look());
  };
  return left === null ? null : <SoonOver seconds={left} onGoOn={goOn} />;
}

/** `look` gives the seconds that are left where somebody has to be warned, and does what is due. */
function useUse(inactivityMinutes: number) {
  const use = useRef<Use>({ usedAtMs: Date.now(), toldAtMs: Date.now(), inactivityMinutes });
  const asking = useRef(false);
  const channel = useRef<BroadcastChannel | null>(null);
  const know = useCallback((known: Partial<Use>) => {
    use.current = { ...use.current, ...known };
  }, []);
  useEffect(() => {
    const opened = new BroadcastChannel(TOLD);
    opened.onmessage = ({ data }) =>
      typeof data === 'number' && know({ toldAtMs: Math.max(use.current.toldAtMs, data) });
    channel.current = opened;
    return () => opened.close();
  }, [know]);
  /** A use, or a mere question whether the session is still there: the page learns of its end by it. */
  const ask = useCallback(
    async (unattended: boolean) => {
      if (asking.current) return;
      asking.current = true;
      const atMs = Date.now();
      try {
        const session = (await call(operation('showSession'), {}, { unattended })).body as Session;
        know({ inactivityMinutes: session.inactivityMinutes, ...(unattended ? {} : { toldAtMs: atMs }) });
        if (!unattended) channel.current?.postMessage(atMs);
      } catch {
        // The KMA does not answer, or the session is over, which the page has been told. The next look asks again.
      } finally {
        asking.current = false;
      }
    },
    [know],
  );
  const look = useCallback(() => {
    const { leftMs, isWarned, mustTell } = standingOf(use.current, Date.now());
    if (mustTell) void ask(false);
    else if (leftMs !== null && leftMs < 0) void ask(true);
    return isWarned && !mustTell && leftMs !== null ? Math.max(0, Math.round(leftMs / LOOK_MS)) : null;
  }, [ask]);
  const note = useCallback(() => know({ usedAtMs: Date.now() }), [know]);
  return { note, look };
}
