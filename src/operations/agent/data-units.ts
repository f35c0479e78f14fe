/** The agents' operations on data units (protocol 6.2). They never overwrite what is stored, and never take an external unique ID away. */
import type { DataUnit, DataUnitState as WireState } from '@openkma/protocol';
import { mayUseGroup } from '../../core/agent-access.ts';
import type { DataUnitState } from '../../core/data-unit-state.ts';
import {
  associationsOfUnit,
  groupOfUnit,
  stateOfDataUnit,
  unitsByExternalId,
} from '../../core/data-units.ts';
import { type Fact, set } from '../../core/facts.ts';
import { DATA_UNIT_ID_BYTES, type DataUnitId, idFrom } from '../../core/ids.ts';
import { keyGroupOf } from '../../core/key-group.ts';
import { statesOfIssuedKeys } from '../../core/key-standing.ts';
import { live } from '../../core/live.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { Row } from '../../core/tables.ts';
import type { DecideContext } from '../contexts.ts';
import { type Accepted, type Decision, operation } from '../operation.ts';
import { success } from '../success.ts';
import { callingAgent, forAgents } from './calling-agent.ts';
import { type AboutUnit, filled, newUnitFacts } from './data-unit-plan.ts';
import { readDataUnitId, readExternalUniqueId } from './identifiers.ts';
import { lookElsewhere } from './look-elsewhere.ts';
import { dataUnit, fields, identifier, text } from './wire-fields.ts';

interface OneUnit {
  readonly dataUnit: DataUnit;
}
interface RetrieveDataUnitRequest extends AboutUnit {
  readonly dataUnitId: string;
}
const about = { externalUniqueId: identifier, externalTag: text, description: text };
const common = { ...forAgents('medium'), output: fields<OneUnit>({ dataUnit }) };

export const createDataUnit = operation<AboutUnit, undefined, OneUnit, OneUnit>({
  ...common,
  name: 'CreateDataUnit',
  summary: 'Creates a data unit.',
  changes: true,
  input: fields<AboutUnit>(about),
  decide(input, context) {
    const external = readExternalUniqueId(input.externalUniqueId);
    if (isRefusal(external)) return external;
    if (unitsByExternalId(context.state, external.externalUniqueId).length > 0)
      return refuse('AGENT_DUPLICATE_EXTERNAL_ID');
    return createUnit(freshId(context), { ...input, ...external }, context);
  },
});

export const retrieveDataUnit = operation<RetrieveDataUnitRequest, void, OneUnit, OneUnit>({
  ...common,
  name: 'RetrieveDataUnit',
  summary: 'Gives an agent the data unit of this ID; creates it where it is not known.',
  input: fields<RetrieveDataUnitRequest>({ dataUnitId: identifier, ...about }),
  prepare: ({ dataUnitId }, context) => lookElsewhere({ dataUnitId }, context),
  decide(input, context) {
    const id = readDataUnitId(input.dataUnitId);
    if (isRefusal(id)) return id;
    const external = readExternalUniqueId(input.externalUniqueId);
    if (isRefusal(external)) return external;
    const given = { ...input, ...external };
    const owners = unitsByExternalId(context.state, given.externalUniqueId);
    const unit = live(context.state, 'data_unit', id);
    if (unit !== undefined) {
      const taken = owners.length > 0 && unit.externalUniqueId !== given.externalUniqueId;
      return taken ? refuse('AGENT_DUPLICATE_EXTERNAL_ID') : fillUnit(unit, given, context);
    }
    if (owners.length > 0) return refuse('AGENT_DATA_UNIT_ID_NOT_FOUND_EXTERNAL_ID_EXISTS');
    if (context.state.get('data_unit', id)?.removedStamp != null) return refuse('DATA_UNIT_NOT_FOUND');
    return createUnit(id, given, context, filled);
  },
});

/** Looks up and creates in one; what an existing unit says of itself stays (protocol 11: lookups send a description of their own). */
export const retrieveDataUnitByExternalUniqueId = operation<AboutUnit, void, OneUnit, OneUnit>({
  ...common,
  name: 'RetrieveDataUnitByExternalUniqueID',
  summary: 'Gives an agent the data unit of this external unique ID; creates it where there is none.',
  input: fields<AboutUnit>(about),
  prepare: ({ externalUniqueId }, context) => lookElsewhere({ externalUniqueId }, context),
  decide(input, context) {
    const external = readExternalUniqueId(input.externalUniqueId);
    if (isRefusal(external)) return external;
    if (external.externalUniqueId === '') return refuse('AGENT_INVALID_EXTERNAL_ID');
    const [unit] = unitsByExternalId(context.state, external.externalUniqueId);
    if (unit === undefined) return createUnit(freshId(context), { ...input, ...external }, context);
    const output = { dataUnit: shown(unit, stateOfDataUnit(context.state, unit, context.nowMs)) };
    return { facts: [], output, audit: success(`dataUnit=${unit.id}`) };
  },
});

/** The medium is overwritten: its keys let go of it, those still used for encryption excepted. The keys themselves stay. */
export const disassociateDataUnitKeys = operation<OneUnit, void, object, object>({
  ...common,
  name: 'DisassociateDataUnitKeys',
  summary: 'Takes from a data unit all keys but those still used for encryption.',
  changes: true,
  input: fields<OneUnit>({ dataUnit }),
  output: fields<object>({}),
  prepare: ({ dataUnit: { dataUnitId } }, context) => lookElsewhere({ dataUnitId }, context),
  decide(input, context) {
    const id = readDataUnitId(input.dataUnit.dataUnitId);
    if (isRefusal(id)) return id;
    const unit = live(context.state, 'data_unit', id);
    if (unit === undefined) return refuse('DATA_UNIT_NOT_FOUND', `dataUnit=${id}`);
    const facts = associationsToEnd(unit, context);
    return { facts, output: {}, audit: success(`dataUnit=${id} disassociated=${facts.length}`) };
  },
});

function freshId({ random }: DecideContext): DataUnitId {
  return idFrom<DataUnitId>(random(DATA_UNIT_ID_BYTES));
}

function createUnit(
  id: DataUnitId,
  given: AboutUnit,
  context: DecideContext,
  said: (about: AboutUnit) => Partial<AboutUnit> = (about) => about,
): Accepted<OneUnit> {
  const { externalUniqueId, externalTag, description } = given;
  const kept = { externalUniqueId, externalTag, description };
  return {
    facts: newUnitFacts(id, callingAgent(context).id, said(kept), context.nowMs),
    output: { dataUnit: { dataUnitId: id, ...kept, state: 'DATA-UNIT-STATE-NO-KEY' } },
    audit: success(`dataUnit=${id} created=true`),
  };
}

/** Values are "to be associated" with the unit: they fill what is empty (protocol 6.2). */
function fillUnit(
  unit: Row<'data_unit'>,
  given: AboutUnit,
  { state, nowMs }: DecideContext,
): Decision<OneUnit> {
  const filled = {
    ...(isEmpty(unit.externalUniqueId) &&
      given.externalUniqueId !== '' && { externalUniqueId: given.externalUniqueId }),
    ...(isEmpty(unit.externalTag) && given.externalTag !== '' && { externalTag: given.externalTag }),
    ...(isEmpty(unit.description) && given.description !== '' && { description: given.description }),
  };
  const facts: Fact[] = Object.keys(filled).length === 0 ? [] : [set('data_unit', unit.id, filled)];
  const output = { dataUnit: shown({ ...unit, ...filled }, stateOfDataUnit(state, unit, nowMs)) };
  return { facts, factsOptional: true, output, audit: success(`dataUnit=${unit.id}`) };
}

function isEmpty(value: string | null): boolean {
  return value === null || value === '';
}

function associationsToEnd(unit: Row<'data_unit'>, context: DecideContext): Fact[] {
  const { state, nowMs } = context;
  const agent = callingAgent(context);
  const stateOf = statesOfIssuedKeys(state, nowMs);
  const keyIds = new Set(
    associationsOfUnit(state, unit).flatMap(({ keyId }) => {
      const key = keyId === null ? undefined : state.get('key', keyId);
      if (key === undefined || !mayUseGroup(state, agent.id, keyGroupOf(key))) return [];
      return stateOf(key) === 'PROTECT_AND_PROCESS' ? [] : [key.id];
    }),
  );
  return groupOfUnit(state, unit).flatMap(({ id }) =>
    [...keyIds]
      .map((keyId) => `${id}:${keyId}`)
      .filter((association) => state.get('data_unit_key', association)?.present === 1)
      .map((association) => set('data_unit_key', association, { present: 0 })),
  );
}

const WIRE_STATES = {
  NO_KEY: 'DATA-UNIT-STATE-NO-KEY',
  READABLE_NORMAL: 'DATA-UNIT-STATE-READABLE-NORMAL',
  READABLE_NEEDS_REKEY: 'DATA-UNIT-STATE-READABLE-NEEDS-REKEY',
  SHREDDED: 'DATA-UNIT-STATE-SHREDDED',
} as const satisfies Record<DataUnitState, WireState>;

/** The ID that was asked for, also where another unit of the group is the canonical one. */
function shown(unit: Row<'data_unit'>, state: DataUnitState): DataUnit {
  return {
    dataUnitId: unit.id,
    externalUniqueId: unit.externalUniqueId ?? '',
    externalTag: unit.externalTag ?? '',
    description: unit.description ?? '',
    state: WIRE_STATES[state],
  };
}
