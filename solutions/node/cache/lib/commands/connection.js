/** What a client asks about itself: PING, HELLO, CLIENT, and what real clients send first. */

import { ReplyError, arity, err } from '../errors.js';
import { isInteger } from '../numbers.js';
import { OK, PONG } from '../replies.js';
import { container } from './table.js';

const VERSION = '7.4.0';
/** A name that may stand in a list of names: no space, no control character. */
const NAME = /^[!-~\x80-\xff]*$/;

export const CONNECTION = [
  ['ping', -1, 'fast whilesubscribed', '0 0 0', ping],
  ['echo', 2, 'fast', '0 0 0', ([, text]) => text],
  ['quit', -1, 'fast atonce whilesubscribed', '0 0 0', quit],
  ['select', 2, 'fast', '0 0 0', select],
  ['hello', -1, 'fast', '0 0 0', hello],
  container('client', [
    ['id', 2, 'slow', (_, client) => client.id],
    ['getname', 2, 'slow', (_, client) => client.name || null],
    ['setname', 3, 'slow', setName],
    ['setinfo', 4, 'slow', setInfo],
  ]),
];

/** A client of RESP2 that has subscribed gets what looks like a message. */
function ping(words, client) {
  if (words.length > 2) throw arity('ping');
  if (client.protocol === 2 && client.subscriptions > 0) return ['pong', words[1] ?? ''];
  return words[1] ?? PONG;
}

function quit(_, client) {
  client.leaving = true;
  return OK;
}

function select([, index]) {
  if (!isInteger(index)) throw err('value is not an integer or out of range');
  if (index !== '0') throw err('DB index is out of range');
  return OK;
}

/** HELLO [version [AUTH user password] [SETNAME name]]: all of it counts, or nothing. */
function hello(words, client) {
  const version = words[1];
  if (version !== undefined && !isInteger(version)) {
    throw err('Protocol version is not an integer or out of range');
  }
  if (version !== undefined && version !== '2' && version !== '3') {
    throw new ReplyError('NOPROTO unsupported protocol version');
  }
  const { name } = helloOptions(words);
  if (name !== undefined) setName(['', '', name], client);
  if (version !== undefined) client.protocol = Number(version);
  return new Map(
    Object.entries({
      server: 'cutaway-node',
      version: VERSION,
      proto: client.protocol,
      id: client.id,
      mode: 'standalone',
      role: 'master',
      modules: [],
    }),
  );
}

/** There is one user, `default`, and it has no password: any will do. */
function helloOptions(words) {
  let name;
  for (let at = 2; at < words.length; ) {
    const option = words[at].toLowerCase();
    if (option === 'auth' && at + 2 < words.length) {
      if (words[at + 1] !== 'default') {
        throw new ReplyError('WRONGPASS invalid username-password pair or user is disabled.');
      }
      at += 3;
    } else if (option === 'setname' && at + 1 < words.length) {
      name = words[at + 1];
      checkName(name);
      at += 2;
    } else throw err(`Syntax error in HELLO option '${words[at].slice(0, 64)}'`);
  }
  return { name };
}

function setName([, , name], client) {
  checkName(name);
  client.name = name;
  return OK;
}

function checkName(name) {
  if (NAME.test(name)) return;
  throw err('Names cannot contain spaces, newlines or special characters.');
}

/** The library's name and version: taken, and of no use here. */
function setInfo([, , option, value]) {
  if (!/^lib-(name|ver)$/i.test(option)) throw err(`Unrecognized option '${option.slice(0, 64)}'`);
  checkName(value);
  return OK;
}
