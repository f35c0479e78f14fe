/** The options with which scripts list: what to list, and how gently. It asks nothing. */
import type { Command } from 'commander';
import type { Manager } from '../../../client/manager.ts';
import { integerOf } from '../../whole-number.ts';
import { operationNamed } from '../operation-named.ts';
import { type PagesOptions, pagesOf, type Rows } from '../pages.ts';

const WAIT_S_MAX = 3_600;
type Given = Readonly<Record<string, unknown>>;

export function addListOptions(command: Command): void {
  command
    .option(
      '--filter <condition>',
      'only rows where this is so, such as "createdAt>=2026-11-23"; may be given several times',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--listwait <s>', 'pause between two pages of 1000 rows', integerOf(0, WAIT_S_MAX), 0);
}

/** The list of this name as the options want it; `scope`: what else is asked. */
export function listed(
  manager: Pick<Manager, 'call'>,
  name: string,
  given: Given,
  scope: Given = {},
  options: Omit<PagesOptions, 'pauseMs'> = {},
): AsyncGenerator<Rows> {
  const { filter, listwait } = given;
  const input = { ...(filter === undefined ? {} : { filter }), ...scope };
  return pagesOf(manager, operationNamed(name), input, { ...options, pauseMs: Number(listwait ?? 0) * 1000 });
}
