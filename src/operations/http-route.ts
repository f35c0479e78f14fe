/** Where an operation is found over HTTP on the management port, and what conditions of a request look like. It matches no request. */

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Plural nouns; names in braces are input fields: "/v1/users/{user}". */
  readonly path: `/v1/${string}` | '/metrics';
  /** The answer is measurements: given as text for Prometheus, unless JSON is asked for. */
  readonly asMetrics?: true;
}

/** If-Match: the version of what the caller has read, or "*" for whatever there is. */
export const VERSION_CONDITION = /^(\*|[0-9a-zA-Z]{1,64})$/;
/** Idempotency-Key, chosen by the caller: the same key with the same request is carried out once. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{8,128}$/;
/** Sealed credentials of a quorum; the front cannot open them. */
export const SEALED_QUORUM_BYTES_MAX = 8_192;
