/** How somebody likes to see the pages: theme and times, kept in this browser. */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

interface Preferences {
  readonly dark: boolean;
  readonly utc: boolean;
}
interface Changeable extends Preferences {
  change(changed: Partial<Preferences>): void;
}

const NAME = 'openkma.preferences';
const PreferencesContext = createContext<Changeable | null>(null);

function kept(): Preferences {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  try {
    return { dark, utc: true, ...(JSON.parse(localStorage.getItem(NAME) ?? '{}') as Partial<Preferences>) };
  } catch {
    return { dark, utc: true };
  }
}

export function PreferencesProvider({ children }: { readonly children: ReactNode }) {
  const [preferences, setPreferences] = useState(kept);
  useEffect(() => {
    document.documentElement.classList.toggle('pf-v6-theme-dark', preferences.dark);
  }, [preferences.dark]);
  const change = (changed: Partial<Preferences>) => {
    const next = { ...preferences, ...changed };
    localStorage.setItem(NAME, JSON.stringify(next));
    setPreferences(next);
  };
  return <PreferencesContext value={{ ...preferences, change }}>{children}</PreferencesContext>;
}

export function usePreferences(): Changeable {
  const preferences = useContext(PreferencesContext);
  if (preferences === null) throw new Error('there are no preferences');
  return preferences;
}
