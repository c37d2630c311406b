/**
 * One client: the parts that are the same whatever protocol is spoken.
 *
 * - **Back-pressure.** `send` queues bytes in the socket. As soon as more than
 *   `PAUSE_ABOVE` wait there, the socket is paused: the kernel's receive buffer fills, its
 *   window closes, and the client stops sending. Nothing is lost and nothing grows.
 * - **Idle time.** One timer, started anew by arriving bytes only. (`socket.setTimeout`
 *   would also count our own writes, and a chat member that only listens would never be
 *   idle.)
 * - **Half-close.** The client's FIN does not close our side: `end` first sends what is
 *   left.
 * - **Closing.** `finish` sends FIN after the last byte, then reads and drops what still
 *   arrives for a moment. Closing a socket with unread bytes would send RST, and the client
 *   could lose the answer that was on its way.
 */

/**
 * @typedef {object} Protocol
 * @property {(bytes: Buffer) => void} received
 * @property {() => void} [closed]  the connection is over: forget it
 */

const PAUSE_ABOVE = 64 * 1024;
const LINGER_MS = 1_000;
/** While draining: so long without a byte means that what had arrived has been read. */
const DRAIN_QUIET_MS = 200;
/** While draining: a client that keeps talking is cut off after so long. */
const DRAIN_TALK_MS = 2_500;

export class Connection {
  #socket;
  #protocol = null;
  #timer;
  #waitingBefore = 0;
  #finished = false;
  #draining = false;

  /**
   * @param {import('node:net').Socket} socket
   * @param {number} idleMs
   */
  constructor(socket, idleMs) {
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#quiet(), idleMs);
  }

  /** @param {Protocol} protocol */
  start(protocol) {
    const socket = this.#socket;
    this.#protocol = protocol;
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('end', () => this.finish());
    socket.on('drain', () => socket.resume());
    socket.on('error', () => {}); // a reset, mostly; 'close' follows
    socket.on('close', () => {
      clearTimeout(this.#timer);
      protocol.closed?.();
    });
    socket.resume();
  }

  /** Bytes that wait for this client in the program. */
  get waiting() {
    return this.#socket.writableLength;
  }

  /** @param {Buffer | string} bytes */
  send(bytes) {
    if (this.#finished) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > PAUSE_ABOVE) this.#socket.pause();
  }

  /** Send what is left, then FIN. What arrives from now on is dropped. */
  finish() {
    if (this.#finished) return;
    this.#finished = true;
    this.#protocol.closed?.();
    this.#socket.end();
    this.#socket.resume();
    this.#socket.once('finish', () => this.#restartTimer(LINGER_MS));
  }

  /** Give the client up at once; what waits for it is discarded. */
  abort() {
    this.#finished = true;
    this.#socket.destroy();
  }

  /** Answer what has arrived, then finish. */
  drain() {
    this.#draining = true;
    if (this.#finished) return;
    this.#restartTimer(DRAIN_QUIET_MS);
    const talked = setTimeout(() => this.finish(), DRAIN_TALK_MS);
    this.#socket.once('close', () => clearTimeout(talked));
  }

  #received(bytes) {
    if (this.#finished) return;
    this.#timer.refresh();
    this.#protocol.received(bytes);
  }

  /**
   * The timer ran out. A client that is still taking what waits for it is not idle: while
   * the socket is paused we cannot see what it sends, and after its FIN it sends nothing.
   * A drain is short, so there every client keeps its time to the end.
   */
  #quiet() {
    const waiting = this.#socket.writableLength;
    if (waiting > 0 && (this.#draining || waiting !== this.#waitingBefore)) {
      this.#waitingBefore = waiting;
      this.#timer.refresh();
    } else if (waiting > 0 || this.#finished) {
      this.abort();
    } else {
      this.finish();
    }
  }

  #restartTimer(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#quiet(), ms);
  }
}
