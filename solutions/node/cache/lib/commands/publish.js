/** Publish and subscribe. A subscription is confirmed by a message of its own, one a channel. */

import { glob } from '../glob.js';
import { Push, Several } from '../replies.js';
import { container } from './table.js';

export const PUBLISH = [
  ['subscribe', -2, 'pubsub whilesubscribed', '0 0 0', subscribe],
  ['unsubscribe', -1, 'pubsub whilesubscribed', '0 0 0', unsubscribe],
  ['psubscribe', -2, 'pubsub whilesubscribed', '0 0 0', subscribePatterns],
  ['punsubscribe', -1, 'pubsub whilesubscribed', '0 0 0', unsubscribePatterns],
  ['publish', 3, 'pubsub fast', '0 0 0', publish],
  container('pubsub', [
    ['channels', -2, 'pubsub', channels],
    ['numsub', -2, 'pubsub', numSub],
    ['numpat', 2, 'pubsub', (_, { server }) => server.channels.patterns],
  ]),
];

function publish([, name, text], { server }) {
  return server.channels.publish(name, text);
}

/** Each confirmation counts the subscriptions of the client up to there. */
function confirmed(client, kind, names, change) {
  const replies = names.map((name) => {
    change(name);
    return new Push(kind, name, client.subscriptions);
  });
  return new Several(replies);
}

function subscribe(words, client) {
  const { channels } = client.server;
  return confirmed(client, 'subscribe', words.slice(1), (name) => channels.subscribe(client, name));
}

function subscribePatterns(words, client) {
  const { channels } = client.server;
  return confirmed(client, 'psubscribe', words.slice(1), (pattern) =>
    channels.subscribePattern(client, pattern),
  );
}

/** Without names: from all. From none, it is still confirmed once. */
function unsubscribe(words, client) {
  const { channels } = client.server;
  const names = words.length > 1 ? words.slice(1) : [...client.channels];
  if (names.length === 0) return new Push('unsubscribe', null, client.subscriptions);
  return confirmed(client, 'unsubscribe', names, (name) => channels.unsubscribe(client, name));
}

function unsubscribePatterns(words, client) {
  const { channels } = client.server;
  const patterns = words.length > 1 ? words.slice(1) : [...client.patterns];
  if (patterns.length === 0) return new Push('punsubscribe', null, client.subscriptions);
  return confirmed(client, 'punsubscribe', patterns, (pattern) =>
    channels.unsubscribePattern(client, pattern),
  );
}

function channels([, , pattern = '*'], { server }) {
  return server.channels.names().filter(glob(pattern));
}

function numSub(words, { server }) {
  return words.slice(2).flatMap((name) => [name, server.channels.countOf(name)]);
}
