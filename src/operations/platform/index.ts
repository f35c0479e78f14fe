/** Operations on what surrounds the key service of one KMA, in the order of the catalogue. */
import { lookUpName, setDns, showDns } from './dns.ts';
import { notePlatformEvent } from './note.ts';
import { runDoctor, runLocalDoctor } from './run-doctor.ts';

export const platformOperations = [showDns, setDns, lookUpName, notePlatformEvent, runDoctor, runLocalDoctor];
