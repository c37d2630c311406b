/**
 * The log read back: its commands run again, by the same code, while the clock stands still. A
 * key that has ended meanwhile is still there for the commands that used it then; when the clock
 * goes on, it is over.
 *
 * A crash in the middle of a write leaves a torn end: half a command, half a transaction, or
 * zeros where a file system had made room already. It was never acknowledged. It is cut off, so
 * that what is appended next stands behind a whole command.
 */

import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

import { Client } from './client.js';
import { ProtocolError } from './errors.js';
import { Framer } from './framer.js';
import { syncFolder } from './rewrite.js';

const CHUNK = 1024 * 1024;

/**
 * @param {string} path  made where there is none
 * @param {import('./server.js').Server} server
 * @returns {Promise<number>}  octets of it
 * @throws {Error}  what stands in the middle is no command, or cannot be run
 */
export async function replay(path, server) {
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    server.clock.stop();
    const whole = await run(file, size, server);
    server.clock.start();
    if (whole < size) await cut(file, whole, size);
    await syncFolder(dirname(path));
    return whole;
  } finally {
    await file.close();
  }
}

/** @returns {Promise<number>}  octets up to the end of the last whole command */
async function run(file, size, server) {
  const player = new Player(server);
  try {
    for (let at = 0; at < size; ) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at);
      if (bytesRead === 0) break;
      player.play(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (!(await endsWithZero(file, size))) throw unreadable(player.whole, error);
  } finally {
    player.end();
  }
  return player.whole;
}

/** Runs the commands, a transaction when its EXEC is there. */
class Player {
  #framer = new Framer();
  #client;
  whole = 0;

  constructor(server) {
    this.#client = new Client(server, (reply) => this.#check(reply));
  }

  play(chunk) {
    this.#framer.push(chunk);
    for (let words = this.#framer.next(); words !== null; words = this.#framer.next()) {
      this.#client.take(words);
      if (this.#client.queue === null) this.whole = this.#framer.position;
    }
  }

  end() {
    this.#client.leave();
  }

  /** Only what had succeeded was recorded. */
  #check(reply) {
    if (reply instanceof Error) throw unreadable(this.whole, reply);
  }
}

async function cut(file, whole, size) {
  console.error(`The log ends in the middle of a command: ${size - whole} octets are cut off.`);
  await file.truncate(whole);
  await file.datasync();
}

/** A whole log ends with LF. */
async function endsWithZero(file, size) {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0;
}

function unreadable(at, { message }) {
  return new Error(`octet ${at} begins something that is no command of a log (${message})`);
}
