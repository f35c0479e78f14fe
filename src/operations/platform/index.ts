/** Operations on what surrounds the key service of one KMA, in the order of the catalogue. */
import { lookUpName, setDns, showDns } from './dns.ts';
import { notePlatformEvent } from './note.ts';

export const platformOperations = [showDns, setDns, lookUpName, notePlatformEvent];
