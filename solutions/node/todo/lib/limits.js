/** Everything that is bounded and not set from outside. Sizes in octets, times in milliseconds. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** What is kept of a body, and what is read and dropped of one before it costs the connection. */
export const MAX_BODY = 64 * KiB;
export const MAX_DROPPED = 1 * MiB;
/** Characters, not octets. */
export const MAX_TITLE = 200;
export const MAX_ID = 64;
export const MAX_KEY = 255;

/** To-dos on one page. */
export const MAX_PAGE = 100;
export const USUAL_PAGE = 20;
/** A search looks at so many at a time. */
export const SEARCH_STRIDE = 200;

/** How long an idempotency key is remembered. */
export const REMEMBERED_MS = 24 * 3_600_000;
/** Changes of which the cache could not be told, and how many it is told of at once. */
export const MAX_UNTOLD = 1_000;
export const TOLD_AT_ONCE = 100;

/** Connections of one link. Whoever finds all in use waits. */
export const MAX_CONNECTIONS = 128;
/** Of a reply: its octets, its lines, its items, arrays within arrays. */
export const MAX_REPLY = 16 * MiB;
export const MAX_LINE = 4 * KiB;
export const MAX_ITEMS = 10_000;
export const MAX_DEPTH = 4;

/** Of a client: its head, its whole request, and the time between two of them. */
export const HEAD_MS = 20_000;
export const REQUEST_MS = 60_000;
export const IDLE_MS = 60_000;
/** After SIGTERM: for a head that has begun to be complete, and for all the rest. */
export const DRAIN_HEAD_MS = 1_000;
export const DRAIN_MS = 30_000;
