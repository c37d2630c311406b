/**
 * A to-do service: HTTP in front, a store behind it, a cache beside it.
 *
 *   PORT       where it listens, on 127.0.0.1
 *   STORE      HOST:PORT of a RESP server that keeps what it acknowledged
 *   CACHE      HOST:PORT of one that may forget; not set: none
 *   CACHE_MS   how long the cache is waited for
 *   STORE_MS   how long the store is waited for
 *   TTL_MS     how long an entry of the cache lives
 *
 * Each layer calls only the one to its right, and what it needs is given to it here:
 *
 *   http → middleware → routes → handlers → service → repository → link → the store
 *                                              └────→ cache ─────→ link → the cache
 *
 * Reading order: lib/service.js (what a to-do may do), lib/record.js (what is kept of it),
 * lib/repository.js and lib/cache.js (where), lib/link.js and lib/resp.js (how), then
 * lib/handlers.js and outwards.
 *
 * Left out: users, an index for search, a limit on how often. Methods that node:http does not know
 * are refused by it with 400.
 */

import { Cache } from './lib/cache.js';
import { Drain } from './lib/drain.js';
import { handlersOf } from './lib/handlers.js';
import { createServer } from './lib/http.js';
import { Link } from './lib/link.js';
import { recovered, wellFormed } from './lib/middleware.js';
import { page } from './lib/page.js';
import { Repository } from './lib/repository.js';
import { routed } from './lib/routes.js';
import { Service } from './lib/service.js';
import { settingsOf } from './lib/settings.js';

const { port, store, storeMs, cache, cacheMs, ttlMs } = settingsOrExit();
const repository = new Repository(new Link(store), storeMs);
const reads = new Cache(cache && new Link(cache), cacheMs, ttlMs);
const handlers = handlersOf(new Service(repository, reads), page);

const drain = new Drain();
const server = createServer(recovered(wellFormed(routed(handlers))), drain);
server.on('error', (error) => exit(1, `Cannot listen on 127.0.0.1: ${error.message}`));
server.listen({ host: '127.0.0.1', port, backlog: 1024 });

// `once`: a second signal has the default effect, for whoever is in a hurry.
process.once('SIGTERM', end);
process.once('SIGINT', end);

async function end() {
  await drain.end(server);
  process.exit(0); // idle connections to the store and the cache are nobody's loss
}

function settingsOrExit() {
  try {
    return settingsOf(process.env);
  } catch (error) {
    return exit(2, error.message);
  }
}

function exit(status, sentence) {
  console.error(sentence);
  process.exit(status);
}
