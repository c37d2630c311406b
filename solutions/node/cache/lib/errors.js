/** The ways a command ends without its result. */

/** Answered as an error; the connection goes on. The first word of the message is its code. */
export class ReplyError extends Error {
  writeTo(out) {
    out.add(`-${this.message.replace(/[\r\n]/g, ' ')}\r\n`);
  }
}

/** The octets were not RESP: one error, and the end of the connection. */
export class ProtocolError extends Error {}

/** More waits for a client than the server is willing to hold: the end of the connection. */
export class Flooded extends Error {}

export const err = (sentence) => new ReplyError(`ERR ${sentence}`);
export const syntax = () => err('syntax error');
export const notInteger = () => err('value is not an integer or out of range');
export const notFloat = () => err('value is not a valid float');
export const noSuchKey = () => err('no such key');
export const arity = (name) => err(`wrong number of arguments for '${name}' command`);
export const wrongType = () =>
  new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value');
export const outOfMemory = () =>
  new ReplyError("OOM command not allowed when used memory > 'maxmemory'.");
