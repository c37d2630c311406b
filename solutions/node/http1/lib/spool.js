/**
 * A body kept until it is complete: in memory while it is small, in a file beyond. The
 * answer to /echo begins only when the whole body was well formed, a client that sends
 * everything before it reads anything is served, and memory does not grow with the body.
 */

import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readPieces } from './store.js';

/** Many small pieces cost more than their bytes. */
const MAX_PIECES = 1024;

/**
 * @param {AsyncIterable<Buffer>} body
 * @param {number} inMemory  bytes kept without a file
 * @returns {Promise<Pick<import('./response.js').Response, 'body' | 'length' | 'dispose'>>}
 */
export async function spool(body, inMemory) {
  let pieces = [];
  let waiting = 0;
  let written = 0;
  let file = null;

  async function writeOut() {
    file ??= await openNameless();
    await file.appendFile(Buffer.concat(pieces, waiting));
    written += waiting;
    waiting = 0;
    pieces = [];
  }

  try {
    for await (const piece of body) {
      pieces.push(piece);
      waiting += piece.length;
      if (waiting > inMemory || pieces.length >= MAX_PIECES) await writeOut();
    }
    if (file === null) return { body: Buffer.concat(pieces, waiting), length: waiting };
    await writeOut();
  } catch (error) {
    await file?.close();
    throw error;
  }
  return { body: readPieces(file, 0, written), length: written, dispose: () => file.close() };
}

/** Its name is gone at once, so the file ends with the handle, however the program ends. */
async function openNameless() {
  const name = path.join(tmpdir(), `echo-${randomUUID()}`);
  const file = await open(name, 'wx+', 0o600);
  await unlink(name);
  return file;
}
