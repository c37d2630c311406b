/**
 * Chat rooms. One thread handles one read at a time and tells all members of it before the
 * next, so everybody sees the same order without a lock.
 *
 * All members share one buffer for each block of lines; what a member costs beyond that is a
 * place in its socket's queue. The queue of a member that does not read is bounded by
 * disconnecting it: waiting for it would stall everybody else.
 */

const MAX_WAITING = 1024 * 1024;

class Room {
  #members = new Set();
  #onEmpty;

  constructor(onEmpty) {
    this.#onEmpty = onEmpty;
  }

  enter(member) {
    this.#members.add(member);
  }

  leave(member) {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#onEmpty();
  }

  /** @param {Buffer} block  whole lines */
  say(block) {
    for (const member of this.#members) {
      member.send(block);
      if (member.waiting > MAX_WAITING) {
        this.leave(member);
        member.abort();
      }
    }
  }
}

export class Rooms {
  /** @type {Map<string, Room>} */
  #byName = new Map();

  /**
   * @param {string} name
   * @param {import('./connection.js').Connection} member
   */
  join(name, member) {
    let room = this.#byName.get(name);
    if (!room) {
      room = new Room(() => this.#byName.delete(name));
      this.#byName.set(name, room);
    }
    room.enter(member);
    return room;
  }
}
