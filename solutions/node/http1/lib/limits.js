/** Everything that is bounded, in one place. Sizes in bytes, times in milliseconds. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** Method, target and version together. */
export const MAX_REQUEST_LINE = 16 * KiB;
/** All field lines of a head together. */
export const MAX_FIELDS = 32 * KiB;
/** Empty lines tolerated before a request line. */
export const MAX_EMPTY_LINES = 8;

/** Any body: declared longer, it is refused whoever would have read it. */
export const MAX_BODY = 1024 * MiB;
export const MAX_ECHO_BODY = 32 * MiB;
/** A body that nobody reads is dropped up to here; a longer one costs the connection. */
export const MAX_DROPPED_BODY = 64 * KiB;
/** An echoed body waits in memory up to here, and in a file beyond. */
export const MAX_BODY_IN_MEMORY = 256 * KiB;

export const MAX_CHUNK_LINE = 4 * KiB;
/** Chunk extensions of one body together. */
export const MAX_EXTENSIONS = 16 * KiB;
export const MAX_TRAILERS = 8 * KiB;

/** Waiting for the first byte of a request. */
export const IDLE_MS = 60_000;
/** From the first byte of a head to its last. */
export const HEAD_MS = 5_000;
/** Between two pieces of a body: a slow sender is served, a silent one is not. */
export const BODY_SILENCE_MS = 30_000;
/** A client that takes nothing for so long is given up. */
export const WRITE_STALL_MS = 120_000;

/** After our FIN: how long, and how much, is still read and dropped. */
export const LINGER_MS = 5_000;
export const LINGER_SILENCE_MS = 2_000;
export const LINGER_BYTES = 64 * MiB;

/** After SIGTERM: for bytes that are already under way on an idle connection. */
export const DRAIN_GRACE_MS = 100;
/** After SIGTERM: for a head that has begun to be complete. */
export const DRAIN_HEAD_MS = 2_000;
/** After SIGTERM: between two pieces of a body. */
export const DRAIN_SILENCE_MS = 4_000;
/** After SIGTERM: the end, whatever is in flight. */
export const DRAIN_MS = 30_000;
