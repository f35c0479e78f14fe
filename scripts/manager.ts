/** `npm run manager`: builds the pages of the web Manager where what they are made of has changed since. */
import { buildManager } from './build-manager.ts';

process.exit(buildManager() ? 0 : 1);
