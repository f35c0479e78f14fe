/** What an agent asked of a KMA, as counts by kind of request: pure sums. It knows no clock and no agent. */

export interface AgentCounts {
  readonly createKey: number;
  readonly retrieveKey: number;
  readonly registerKwk: number;
  readonly other: number;
  /** Of all these. */
  readonly refused: number;
  /** From the core's taking the request to its answer, together. */
  readonly totalMs: number;
}
export interface AgentCountsRow extends AgentCounts {
  readonly agentId: string;
}
export const NO_COUNTS: AgentCounts = {
  createKey: 0,
  retrieveKey: 0,
  registerKwk: 0,
  other: 0,
  refused: 0,
  totalMs: 0,
};

/** Counts are kept by the hour. */
export function hourOf(ms: number): number {
  return Math.floor(ms / 3_600_000);
}

/** Which of the counts an operation of the agent service adds to; RetrieveProtectAndProcessKey is a retrieval, whether or not it makes a key. */
export function kindOf(operation: string): 'createKey' | 'retrieveKey' | 'registerKwk' | 'other' {
  if (/^CreateKey2?$/.test(operation)) return 'createKey';
  if (/^Retrieve(Key|DataUnitKeys|ProtectAndProcessKey)2?$/.test(operation)) return 'retrieveKey';
  return operation === 'RegisterAgentKWK' ? 'registerKwk' : 'other';
}

/** All of these together. */
export function sumOf(all: Iterable<AgentCounts>): AgentCounts {
  let sum = NO_COUNTS;
  for (const { createKey, retrieveKey, registerKwk, other, refused, totalMs } of all)
    sum = {
      createKey: sum.createKey + createKey,
      retrieveKey: sum.retrieveKey + retrieveKey,
      registerKwk: sum.registerKwk + registerKwk,
      other: sum.other + other,
      refused: sum.refused + refused,
      totalMs: sum.totalMs + totalMs,
    };
  return sum;
}

export function withRequest(
  counts: AgentCounts,
  request: { readonly operation: string; readonly refused: boolean; readonly durationMs: number },
): AgentCounts {
  const kind = kindOf(request.operation);
  return {
    ...counts,
    [kind]: counts[kind] + 1,
    refused: counts.refused + Number(request.refused),
    totalMs: counts.totalMs + request.durationMs,
  };
}

export function requestsOf({ createKey, retrieveKey, registerKwk, other }: AgentCounts): number {
  return createKey + retrieveKey + registerKwk + other;
}

/** Of each request, to the microsecond; 0 where there was none. */
export function meanMsOf(counts: AgentCounts): number {
  const requests = requestsOf(counts);
  return requests === 0 ? 0 : Math.round((1000 * counts.totalMs) / requests) / 1000;
}
