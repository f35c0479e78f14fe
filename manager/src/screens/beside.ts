/** What some places have beside their list or thing: buttons, charts, what is approved or downloaded there. Everything else comes out of the description of the interface. */
import type { ComponentType } from 'react';
import { later } from '../shell/later.tsx';

export type Thing = Readonly<Record<string, unknown>>;
export interface ThingProps {
  readonly thing: Thing;
}

export interface Beside {
  /** Above the list or the thing. */
  readonly above?: ComponentType;
  /** Among the buttons of one thing. */
  readonly buttons?: ComponentType<ThingProps>;
  /** Below one thing. */
  readonly below?: ComponentType<ThingProps>;
  /** In each row of the list. */
  readonly inRow?: ComponentType<ThingProps>;
  /** Fields of the thing that are shown there already. */
  readonly shownThere?: readonly string[];
}

export const BESIDE: Readonly<Record<string, Beside>> = {
  '/agents': { buttons: later(() => import('./SheetButton.tsx')) },
  '/conflicts': { inRow: later(() => import('./TakeOther.tsx')) },
  '/current-load': { above: later(() => import('./LoadChart.tsx')) },
  '/kma-performance': { above: later(() => import('./PerformanceChart.tsx')) },
  '/agent-performance': { above: later(() => import('./AgentChart.tsx')) },
  '/jobs': {
    below: later(() => import('./JobBelow.tsx')),
    shownThere: ['doing', 'done', 'total', 'problem', 'whatToDo'],
  },
  '/pending-operations': {
    below: later(() => import('./PendingApproval.tsx')),
    // What is to be read and approved needs not be there twice.
    shownThere: ['text', 'textSha256', 'code'],
  },
  '/roles': { above: later(() => import('./RoleMatrix.tsx')) },
};

/** Pages of their own, where an act is begun. */
export const ACT_PAGES: Readonly<Record<string, ComponentType>> = {
  '/doctor': later(() => import('./DoctorPage.tsx')),
  '/system-dump': later(() => import('./SystemDumpPage.tsx')),
  '/restore': later(() => import('./RestorePage.tsx')),
};
