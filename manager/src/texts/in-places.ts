/** Texts of the KMA name commands, since they are the same for every way to manage it; here they are told as places of the Manager. It changes no other word. */
import { operations } from '../api/catalogue.ts';
import type { OperationId } from '../api/types.ts';
import { PLACES, type Place } from '../places.ts';
import { placeName, TEXTS, words } from './en.ts';

export interface TextPart {
  readonly text: string;
  /** Address of the place that it names. */
  readonly to?: string;
}

const COMMAND = /"(?:kma|okm) ([^"]*)"/g;

/** Commands that are more than one operation. */
const OTHERS: readonly (readonly [string, TextPart])[] = [
  ['status', { text: TEXTS.overview, to: '/' }],
  ['state', { text: TEXTS.overview, to: '/' }],
  ['backup', part('createDatabaseBackup', '/backups')],
  ['core-security-backup', part('createCoreSecurityBackup', '/key-split')],
  ['restore', { text: TEXTS.restorePlace, to: '/restore' }],
  ['doctor', { text: placeName('/doctor'), to: '/doctor' }],
  ['ports', { text: placeName('/ports'), to: '/ports' }],
  ['login', { text: TEXTS.logIn, to: '/' }],
];

export function inPlaces(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const found of text.matchAll(COMMAND)) {
    const [whole, command = ''] = found;
    const place = placeOf(command);
    const before = text.slice(end, found.index);
    parts.push({ text: before });
    parts.push(place ?? { text: `${whole} ${TEXTS.atTheAppliance}` });
    end = found.index + whole.length;
  }
  return [...parts, { text: text.slice(end) }].filter((one) => one.text !== '');
}

function placeOf(command: string): TextPart | null {
  const begins = (words: string) => `${command} `.startsWith(`${words} `);
  // "okm backup list" is "kma backup-list".
  const joined = command.replace(' ', '-');
  const operation = operations
    .filter(({ command: words }) => words !== null && (begins(words) || `${joined} `.startsWith(`${words} `)))
    .sort((one, other) => (other.command?.length ?? 0) - (one.command?.length ?? 0))[0];
  const place = operation === undefined ? undefined : PLACES.find((one) => has(one, operation.id));
  if (operation !== undefined && place !== undefined) return part(operation.id, place.path);
  return OTHERS.find(([words]) => begins(words))?.[1] ?? null;
}

function has(place: Place, id: OperationId): boolean {
  const { list, show, act, actions = [], rowActions = [], tabs = [] } = place;
  return [list, show, act, ...actions, ...rowActions, ...tabs.map((tab) => tab.list)].includes(id);
}

/** What is looked at is its place; what is done there is named beside it. */
function part(id: string, path: string): TextPart {
  const isLook = /^(list|show)/.test(id);
  return { to: path, text: isLook ? placeName(path) : TEXTS.actAt(words(id), placeName(path)) };
}
