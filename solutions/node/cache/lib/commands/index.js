/** All commands, by name. */

import { CONNECTION } from './connection.js';
import { HASHES } from './hashes.js';
import { KEYS } from './keys.js';
import { LIFETIMES } from './lifetimes.js';
import { LISTS } from './lists.js';
import { PUBLISH } from './publish.js';
import { SERVER } from './server.js';
import { SETS } from './sets.js';
import { SORTED_SETS } from './sorted-sets.js';
import { STRINGS } from './strings.js';
import { command } from './table.js';
import { TRANSACTIONS } from './transactions.js';

const ROWS = [
  ...CONNECTION,
  ...STRINGS,
  ...KEYS,
  ...LIFETIMES,
  ...LISTS,
  ...HASHES,
  ...SETS,
  ...SORTED_SETS,
  ...TRANSACTIONS,
  ...PUBLISH,
  ...SERVER,
];

/** @type {Map<string, import('./table.js').Command>} */
export const COMMANDS = new Map(ROWS.map((row) => [row[0], command(row)]));
