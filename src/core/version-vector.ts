/** How far the logs of all lives are known. It counts nothing itself. */

/** For each incarnation how many entries of its log are folded. */
export type VersionVector = { readonly [incarnationId: string]: number };
