/** Reads a store in one long transaction, as a list of a million rows does, until it is killed. In a process of its own: who opens and closes a file of the store loses the locks of his process on it. */
import { openStore } from '../../src/store/store.ts';

const reader = openStore({ path: process.argv[2] ?? '', mode: 'read' });
reader.database.exec('BEGIN');
reader.database.prepare('SELECT count(*) FROM object').get();
process.send?.('reading');
process.on('disconnect', () => process.exit(0));
