/** The parts of the platform process, one line each. The part "names" is not among them: the others look names up through it. */
import type { PlatformConfig } from './config.ts';
import type { PlatformPart, PlatformTools } from './part.ts';

type MakePart = (tools: PlatformTools) => PlatformPart<PlatformConfig>;

export const PARTS: Readonly<Record<string, MakePart>> = {};
