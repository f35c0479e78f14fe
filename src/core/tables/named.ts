/** The columns of everything that people give a name to. It is no table. */
import { lww, on } from '../table.ts';

export const named = {
  name: on('created').text(),
  description: lww.text(),
  createdAt: on('created').integer(),
};
