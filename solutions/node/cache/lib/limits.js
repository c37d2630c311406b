/** Everything that is bounded, in one place. Sizes in octets, times in milliseconds. */

import { constants } from 'node:buffer';

const KiB = 1024;
const MiB = 1024 * KiB;

/** An inline command, or the line that announces a count or a length. */
export const MAX_LINE = 64 * KiB;
/** The count that a command may announce, and the length of one argument. */
export const MAX_COUNT = 2_147_483_647;
export const MAX_BULK = 512 * MiB;
/** What V8 can hold in one string: 24 octets less than MAX_BULK on a machine of 64 bits. */
export const MAX_VALUE = Math.min(MAX_BULK, constants.MAX_STRING_LENGTH);
/** What a command may really bring. */
export const MAX_WORDS = 16 * MiB;
export const MAX_COMMAND = 1024 * MiB;
/** Commands that wait for EXEC, all together. */
export const MAX_QUEUED = 1024 * MiB;
/** Octets that are kept of an unfinished command grow by segments from this size to that. */
export const SEGMENT_FIRST = 512;
export const SEGMENT_MOST = 32 * KiB;

/** A string from here on waits to be sent as a reference, not as a copy. */
export const BY_REFERENCE = 16 * KiB;
/** Small replies are joined up to here. */
export const JOINED = 64 * KiB;
/** The kernel is given so much ahead of what it has taken. */
export const WRITE_AHEAD = 256 * KiB;
/** While so much waits for a client, its next command waits too. */
export const UNSENT_ENOUGH = 1 * MiB;
/** More than this, and one value, never waits: the connection ends. */
export const UNSENT_MOST = 32 * MiB;

/** A client that is to go, and neither takes nor sends anything for so long, is given up. */
export const STALL_MS = 30_000;
/** After our FIN: how long is still read and dropped. */
export const LINGER_MS = 2_000;

/** How often keys whose time is over are looked for, and how long at a stretch. */
export const EXPIRE_EVERY_MS = 100;
export const EXPIRE_STRETCH_MS = 5;

/** While so much waits for the disk, no client's next command is run. */
export const LOG_ENOUGH = 32 * MiB;
/** A log of this length is written anew at the start, when half of it or more is history. */
export const REWRITE_FROM = 16 * MiB;
/** With everysec: from one flush to the next. */
export const FLUSH_EVERY_MS = 1_000;

/** After SIGTERM: as long as nothing came for this time, it is over. */
export const DRAIN_QUIET_MS = 100;
/** After SIGTERM: how long commands are read, how long is lingered, and the end of it all. */
export const DRAIN_READ_MS = 1_500;
export const DRAIN_LINGER_MS = 200;
export const DRAIN_MS = 3_500;
