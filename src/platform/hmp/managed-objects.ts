/** What an SNMP agent shows at one moment: object identifiers in their order, each with its value; and the answers to questions about them (RFC 3416, 4.2). Nothing is ever set. */
import { element, type Oid, TYPE } from '../snmp/ber.ts';
import { PDU, type Pdu, type Varbind } from '../snmp/message.ts';

/** Bytes of an answer beside its variables: header, security, sequences. */
const FRAME_BYTES = 256;
/** Of one answer, whatever was asked. */
const VARBINDS_MAX = 512;
const ERROR = { none: 0, tooBig: 1, notWritable: 17 } as const;

const NO_SUCH_OBJECT = element(TYPE.noSuchObject);
const END_OF_VIEW = element(TYPE.endOfMibView);

export class ManagedObjects {
  readonly #objects: readonly Varbind[];

  constructor(objects: readonly Varbind[]) {
    this.#objects = [...objects].sort((one, other) => compareOids(one.oid, other.oid));
  }

  /** Null for what is no question. */
  answer(question: Pdu, bytesMax: number): Pdu | null {
    switch (question.type) {
      case PDU.get:
        return bounded(
          question,
          question.varbinds.map(({ oid }) => this.#at(oid)),
          bytesMax,
        );
      case PDU.getNext:
        return bounded(
          question,
          question.varbinds.map(({ oid }) => this.#after(oid)),
          bytesMax,
        );
      case PDU.getBulk:
        return answerOf(question, fitting(this.#bulk(question), bytesMax));
      case PDU.set:
        return { ...answerOf(question, question.varbinds), errorStatus: ERROR.notWritable, errorIndex: 1 };
      default:
        return null;
    }
  }

  #at(oid: Oid): Varbind {
    const found = this.#objects[this.#placeAfter(oid) - 1];
    return found !== undefined && compareOids(found.oid, oid) === 0 ? found : { oid, value: NO_SUCH_OBJECT };
  }

  #after(oid: Oid): Varbind {
    return this.#objects[this.#placeAfter(oid)] ?? { oid, value: END_OF_VIEW };
  }

  /** Of the first object behind it. */
  #placeAfter(oid: Oid): number {
    let [low, high] = [0, this.#objects.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.#objects[middle];
      if (found !== undefined && compareOids(found.oid, oid) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Some once, the rest row by row until nothing follows. */
  #bulk({ errorStatus, errorIndex, varbinds }: Pdu): readonly Varbind[] {
    const once = Math.max(0, Math.min(errorStatus, varbinds.length));
    const found = varbinds.slice(0, once).map(({ oid }) => this.#after(oid));
    let row: readonly Varbind[] = varbinds.slice(once);
    for (let times = 0; times < errorIndex && row.length > 0 && found.length < VARBINDS_MAX; times += 1) {
      row = row.map(({ oid }) => this.#after(oid));
      found.push(...row);
      if (row.every(({ value }) => value === END_OF_VIEW)) break;
    }
    return found.slice(0, VARBINDS_MAX);
  }
}

function answerOf({ requestId }: Pdu, varbinds: readonly Varbind[]): Pdu {
  return { type: PDU.answer, requestId, errorStatus: ERROR.none, errorIndex: 0, varbinds };
}

/** All or nothing. */
function bounded(question: Pdu, varbinds: readonly Varbind[], bytesMax: number): Pdu {
  const fits = fitting(varbinds, bytesMax).length === varbinds.length;
  return fits ? answerOf(question, varbinds) : { ...answerOf(question, []), errorStatus: ERROR.tooBig };
}

function fitting(varbinds: readonly Varbind[], bytesMax: number): readonly Varbind[] {
  let left = bytesMax - FRAME_BYTES;
  const end = varbinds.findIndex(({ oid, value }) => {
    left -= value.length + oid.length * 5 + 8;
    return left < 0;
  });
  return end < 0 ? varbinds : varbinds.slice(0, end);
}

/** As numbers, and the shorter one first. */
function compareOids(one: Oid, other: Oid): number {
  const shorter = Math.min(one.length, other.length);
  for (let place = 0; place < shorter; place += 1) {
    const difference = (one[place] ?? 0) - (other[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
