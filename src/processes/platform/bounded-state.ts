/** What a part says of itself, cut to what a message takes: a part that has much trouble is to show the first of it, and not what it said before. It changes no detail. */
import type { PartState } from '../../platform/part.ts';
import { SUMMARY_CHARACTERS_MAX, TROUBLE_CHARACTERS_MAX, TROUBLES_MAX } from './messages.ts';

export function boundedState({ summary, troubles, details }: PartState): PartState {
  const more = troubles.length - (TROUBLES_MAX - 1);
  const shown = more <= 1 ? troubles : [...troubles.slice(0, TROUBLES_MAX - 1), `and ${more} more`];
  return {
    summary: summary.slice(0, SUMMARY_CHARACTERS_MAX),
    troubles: shown.map((trouble) => trouble.slice(0, TROUBLE_CHARACTERS_MAX)),
    details,
  };
}
