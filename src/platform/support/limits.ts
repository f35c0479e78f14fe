/** How long things of technical support may take; tests have shorter times. No logic. */

export interface SupportLimits {
  /** A session in which nothing happens is cut. */
  readonly idleSeconds: number;
  /** From a connection to its log-in: four attempts of half a minute. */
  readonly logInSeconds: number;
  /** Between two looks at what the time alone changes. */
  readonly tickMs: number;
}

export const SUPPORT_LIMITS: SupportLimits = { idleSeconds: 600, logInSeconds: 120, tickMs: 15_000 };
