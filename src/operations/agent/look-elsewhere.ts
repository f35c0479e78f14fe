/** Before a data unit or key that is not known here counts as not existing, the other members are asked for what they have written (protocol 8). With one member nobody is asked. */
import { keysOfUnit, unitsByExternalId } from '../../core/data-units.ts';
import type { ObjectId } from '../../core/ids.ts';
import { live } from '../../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { PrepareContext } from '../contexts.ts';
import { readDataUnitId, readExternalUniqueId, readKeyId } from './identifiers.ts';

export interface Named {
  /** As the agent gives them; "" for none. What is no ID is refused later. */
  readonly dataUnitId?: string;
  readonly externalUniqueId?: string;
  readonly keyId?: string;
  /** What is to be handed out needs its sealed object here. */
  readonly gives?: 'key' | 'keys of the unit';
}

type Context = Pick<PrepareContext, 'state' | 'self' | 'others'>;

const PUT_BACK_TEXT = 'the store of this KMA was put back, and it has not heard from the others yet';
const JUST_STARTED_TEXT = 'this KMA has just started and has not heard from the others yet';
const LATE_TEXT = 'another KMA has not told this one in time whether it exists';

/** A KMA that cannot know yet does not say that something does not exist: agents ask another one where it is busy. */
export async function lookElsewhere(named: Named, context: Context): Promise<Refusal | undefined> {
  const { others } = context;
  if (others === undefined) return undefined;
  const isGivenOld = others.areAhead && named.gives !== undefined;
  if (isGivenOld || !allKnown(named, context)) {
    const caughtUp = await others.catchUp();
    // What is known here may be known elsewhere to be destroyed.
    if (caughtUp === 'just-started' && isGivenOld) return refuse('SERVER_BUSY', PUT_BACK_TEXT);
    if (caughtUp === 'just-started' && !allKnown(named, context))
      return refuse('SERVER_BUSY', JUST_STARTED_TEXT);
    if (caughtUp === 'late' && !idsKnown(named, context)) return refuse('SERVER_BUSY', LATE_TEXT);
  }
  if (named.gives !== undefined) await others.fetch(() => objectsOf(named, context));
  return undefined;
}

function allKnown(named: Named, context: Context): boolean {
  return idsKnown(named, context) && isExternalIdKnown(named.externalUniqueId ?? '', context);
}

/** Somebody who names an ID has been given it. An external ID is mostly that of a new tape, which no KMA knows. */
function idsKnown({ dataUnitId = '', keyId = '' }: Named, context: Context): boolean {
  return isUnitKnown(dataUnitId, context) && isKeyKnown(keyId, context);
}

function isUnitKnown(given: string, { state }: Context): boolean {
  const id = given === '' ? null : readDataUnitId(given);
  return id === null || isRefusal(id) || state.get('data_unit', id) !== undefined;
}

function isExternalIdKnown(given: string, { state }: Context): boolean {
  const read = given === '' ? null : readExternalUniqueId(given);
  if (read === null || isRefusal(read)) return true;
  return unitsByExternalId(state, read.externalUniqueId).length > 0;
}

/** Nobody but this KMA hands out the keys of its own pool, so of those it knows everything. */
function isKeyKnown(given: string, { state, self }: Context): boolean {
  const id = given === '' ? null : readKeyId(given);
  if (id === null || isRefusal(id)) return true;
  const key = state.get('key', id);
  if (key === undefined || key.createdStamp === null) return false;
  return key.activatedStamp !== null || key.incarnationId === self.incarnationId;
}

function objectsOf({ gives, keyId = '', dataUnitId = '' }: Named, { state }: Context): ObjectId[] {
  const key = readKeyId(keyId);
  const named = isRefusal(key) ? [] : objectOf(state.get('key', key));
  const id = readDataUnitId(dataUnitId);
  const unit = gives === 'key' || isRefusal(id) ? undefined : live(state, 'data_unit', id);
  return unit === undefined ? named : [...named, ...keysOfUnit(state, unit).flatMap(objectOf)];
}

function objectOf(key: { readonly objectId: ObjectId | null } | undefined): ObjectId[] {
  return key?.objectId == null ? [] : [key.objectId];
}
