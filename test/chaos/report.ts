/** The table of a run: what was acknowledged and refused, what went wrong, what is missing, the states, the memory. It judges by counting alone. */
import type { Faults } from './faults.ts';
import { type Ledger, sum } from './ledger.ts';
import type { Growth } from './memory-use.ts';
import type { Verdict } from './verdict.ts';

const SHOWN_MAX = 30;

export interface Report {
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly growth: readonly Growth[];
  readonly verdict: Verdict;
}

/** Whether all is well. */
export function printReport({ ledger, faults, growth, verdict }: Report): boolean {
  const { asked, missing, standings, damage } = verdict;
  section('acknowledged', ledger.done);
  section('refused or not answered', ledger.refused);
  section('faults', faults.kinds);
  console.log('\nmemory, MB: greatest in the first and the last third');
  for (const { role, firstMb, lastMb, unbounded } of growth)
    console.log(
      `  ${role.padEnd(28)}${Math.round(firstMb)} ${Math.round(lastMb)}${unbounded ? ' GREW' : ''}`,
    );
  console.log('\nstates');
  for (const { hash, vector } of standings)
    console.log(`  ${hash}  at ${vector.length > 200 ? `${vector.slice(0, 200)}...` : vector}`);
  for (const line of [...missing, ...damage].slice(0, SHOWN_MAX)) console.log(`WRONG  ${line}`);
  const equal = new Set(standings.map(({ hash, vector }) => `${vector} ${hash}`)).size === 1;
  const grown = growth.filter(({ unbounded }) => unbounded).length;
  const counts = [
    `${ledger.acknowledged} acknowledged`,
    `${sum(ledger.refused)} refused or not answered`,
    `${sum(faults.kinds)} faults`,
    `${asked} asked back`,
    `${missing.length} missing or wrong`,
    `${damage.length} damaged`,
    `${grown} grew`,
    equal ? 'states equal' : 'STATES DIFFER',
  ];
  console.log(`\n${counts.join(', ')}`);
  return missing.length + damage.length + grown === 0 && equal;
}

function section(title: string, counts: ReadonlyMap<string, number>): void {
  console.log(`\n${title}: ${sum(counts)}`);
  for (const [what, count] of [...counts].sort(([one], [other]) => (one < other ? -1 : 1)))
    console.log(`  ${what.padEnd(44)}${String(count).padStart(7)}`);
}
