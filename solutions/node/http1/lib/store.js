/**
 * The files directly under one folder: names made safe, versions named, changes made whole.
 *
 * - A name is bytes. It is checked after decoding, and a symbolic link is followed only
 *   where it stays inside the folder.
 * - A version is named by a hash of its content. Times alone cannot: two changes within one
 *   tick of the file system's clock look the same. Hashes are remembered by what `stat`
 *   says, but only once that has been quiet for a second, for the same reason.
 * - A new version is written beside the old one, flushed, and renamed over it: readers see
 *   the one or the other, also after a power cut.
 * - Check and change belong together: they happen under a lock of that file, or two clients
 *   that both saw the old version would both succeed.
 */

import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';

import { Refusal } from './errors.js';

const PIECE = 64 * 1024;
const MAX_NAME = 255;
const MAX_REMEMBERED = 1000;
const QUIET_NS = 1_000_000_000n;
const LEFT_OVER = /^\.upload-[0-9a-f-]{36}$/;

/** @typedef {(current: FileVersion | null) => Promise<void>} Check  throws to prevent the change */

export class FileStore {
  #root;
  #locks = new Map();
  #tags = new TagMemory();

  /** @param {Buffer} root  absolute, without links */
  constructor(root) {
    this.#root = root;
  }

  /** @param {string} folder */
  static async open(folder) {
    const root = await fs.realpath(folder, 'buffer');
    for (const name of await fs.readdir(root)) {
      if (LEFT_OVER.test(name)) await fs.unlink(join(root, name)).catch(() => {});
    }
    return new FileStore(root);
  }

  /**
   * @param {string} name  one character a byte
   * @returns {Promise<FileVersion | null>}  to be closed by the caller
   */
  async get(name) {
    return this.#openVersion(await this.#resolve(name));
  }

  /**
   * @param {string} name
   * @param {AsyncIterable<Buffer>} content
   * @param {Check} check  asked before the content is read, and again before it counts
   * @returns {Promise<{created: boolean, tag: string}>}
   */
  async put(name, content, check) {
    const path = await this.#resolve(name);
    await this.#withVersion(path, check);
    const temporary = join(this.#root, `.upload-${randomUUID()}`);
    try {
      const tag = await writeFile(temporary, content);
      return await this.#locked(path, async () => {
        const created = await this.#withVersion(path, async (current) => {
          await check(current);
          return current === null;
        });
        await fs.rename(temporary, path);
        await syncFolder(this.#root);
        return { created, tag };
      });
    } catch (error) {
      await fs.unlink(temporary).catch(() => {});
      throw error;
    }
  }

  /**
   * @param {string} name
   * @param {Check} check
   * @returns {Promise<boolean>}  false when there was nothing
   */
  async delete(name, check) {
    const path = await this.#resolve(name);
    return this.#locked(path, async () => {
      const existed = await this.#withVersion(path, async (current) => {
        if (current !== null) await check(current);
        return current !== null;
      });
      if (!existed) return false;
      await fs.unlink(join(this.#root, name));
      await syncFolder(this.#root);
      return true;
    });
  }

  /** @returns {Promise<Buffer>}  where the name leads, whether something is there or not */
  async #resolve(name) {
    checkName(name);
    const path = join(this.#root, name);
    const real = await fs.realpath(path, 'buffer').catch(missing);
    if (real === null) {
      if (await fs.lstat(path).catch(missing)) throw new Refusal(403, 'The name leads nowhere.');
      return path;
    }
    const inside = join(this.#root, '');
    if (!real.subarray(0, inside.length).equals(inside)) {
      throw new Refusal(403, 'The name leads outside of the folder.');
    }
    return real;
  }

  /** @returns {Promise<FileVersion | null>}  null for what is missing, and for what is no file */
  async #openVersion(path) {
    // NONBLOCK: opening a FIFO would wait for a writer. NOFOLLOW: a link made just now.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await fs.open(path, flags).catch(missing);
    if (handle === null) return null;
    try {
      const stat = await handle.stat({ bigint: true });
      if (stat.isFile()) return new FileVersion(handle, stat, this.#tags);
      await handle.close();
      return null;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #withVersion(path, use) {
    const version = await this.#openVersion(path);
    try {
      if (version === null && (await fs.lstat(path).catch(missing))) {
        throw new Refusal(409, 'There is something that is not a file.');
      }
      return await use(version);
    } finally {
      await version?.close();
    }
  }

  /** One after the other for each path; a queue is a chain of promises. */
  async #locked(path, action) {
    const key = path.latin1Slice();
    const before = this.#locks.get(key) ?? Promise.resolve();
    const mine = before.then(action);
    const settled = mine.catch(() => {});
    this.#locks.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#locks.get(key) === settled) this.#locks.delete(key);
    }
  }
}

/** One version of one file, held open: replacing the file does not change it. */
export class FileVersion {
  #handle;
  #stat;
  #tags;

  constructor(handle, stat, tags) {
    this.#handle = handle;
    this.#stat = stat;
    this.#tags = tags;
    this.size = Number(stat.size);
    /** Seconds since 1970. */
    this.modified = Number(stat.mtimeNs / 1_000_000_000n);
  }

  /** @returns {Promise<string>}  names the content; without quotation marks */
  async tag() {
    const known = this.#tags.get(this.#stat);
    if (known !== undefined) return known;
    const hash = createHash('sha256');
    for await (const piece of this.read(0, this.size)) hash.update(piece);
    const tag = shortened(hash);
    this.#tags.set(this.#stat, tag);
    return tag;
  }

  /** @returns {AsyncGenerator<Buffer>}  the bytes from `start` up to `end` */
  read(start, end) {
    return readPieces(this.#handle, start, end);
  }

  close() {
    return this.#handle.close();
  }
}

/** Tags by what `stat` says, the least recently used forgotten first. */
class TagMemory {
  /** @type {Map<string, string>} */
  #byStat = new Map();

  get(stat) {
    const key = keyOf(stat);
    const tag = this.#byStat.get(key);
    if (tag !== undefined) {
      this.#byStat.delete(key);
      this.#byStat.set(key, tag);
    }
    return tag;
  }

  set(stat, tag) {
    const changed = stat.ctimeNs > stat.mtimeNs ? stat.ctimeNs : stat.mtimeNs;
    if (BigInt(Date.now()) * 1_000_000n - changed < QUIET_NS) return;
    this.#byStat.set(keyOf(stat), tag);
    if (this.#byStat.size > MAX_REMEMBERED) this.#byStat.delete(this.#byStat.keys().next().value);
  }
}

function keyOf(stat) {
  return [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(':');
}

/** @param {import('node:fs/promises').FileHandle} handle */
export async function* readPieces(handle, start, end) {
  while (start < end) {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, end - start));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    if (bytesRead === 0) return; // the file was cut short; whoever counts will notice
    yield buffer.subarray(0, bytesRead);
    start += bytesRead;
  }
}

/** @returns {Promise<string>}  the tag of what was written */
async function writeFile(path, content) {
  const file = await fs.open(path, 'wx');
  try {
    const hash = createHash('sha256');
    for await (const piece of content) {
      hash.update(piece);
      await file.writeFile(piece);
    }
    await file.sync();
    return shortened(hash);
  } finally {
    await file.close();
  }
}

/** A rename is durable when the folder is. */
async function syncFolder(path) {
  const folder = await fs.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function shortened(hash) {
  return hash.digest('base64url').slice(0, 24);
}

function checkName(name) {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new Refusal(400, 'This is not the name of a file.');
  }
  if (name.length > MAX_NAME) throw new Refusal(400, 'The name is too long.');
  if (LEFT_OVER.test(name)) throw new Refusal(403, 'This name is kept for uploads.');
}

function join(folder, name) {
  return Buffer.concat([folder, Buffer.from('/'), Buffer.from(name, 'latin1')]);
}

/** For `catch`: what is not there is null, a link in the wrong place is refused. */
function missing(error) {
  if (error.code === 'ENOENT' || error.code === 'ENXIO') return null;
  if (error.code === 'ELOOP' || error.code === 'EACCES') {
    throw new Refusal(403, 'This may not be opened.');
  }
  if (error.code === 'EMFILE' || error.code === 'ENFILE') {
    throw new Refusal(503, 'Too many files are open.', { fields: [['Retry-After', '1']] });
  }
  throw error;
}
