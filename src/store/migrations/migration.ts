/** A step between two versions of the store's schema. It is run by schema.ts. */

/** Statements that lead from one schema version to the next. */
export type Migration = readonly string[];
