/** The options with which scripts say how far back a list of performance goes. It asks nothing. */
import type { Command } from 'commander';
import { inputOf } from './script-command.ts';

export function addSpanOptions(command: Command): void {
  command
    .option('--span <span>', 'hour, day, week or month, up to now', 'day')
    .option('--since <time>', 'from this time on, in place of the span')
    .option('--until <time>', 'up to this time');
}

export function spanOf(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return inputOf(given, { span: 'span', since: 'since', until: 'until' });
}
