/** What CONFIG GET and SET know. */

import { POLICIES } from './eviction.js';

const UNITS = { '': 1, b: 1, k: 1e3, kb: 1024, m: 1e6, mb: 1024 ** 2, g: 1e9, gb: 1024 ** 3 };
export const FLUSHING = ['always', 'everysec', 'no'];

export class Config {
  /** Octets, 0 for no limit. */
  maxmemory = 0;
  policy = 'noeviction';
  samples = 5;
  appendfsync = 'everysec';
  appendonly = 'no';

  /** Names as clients know them, with what reads a value: undefined where it is none. */
  settings = {
    maxmemory: {
      get: () => this.maxmemory,
      set: (value) => (this.maxmemory = value),
      read: memory,
    },
    'maxmemory-policy': {
      get: () => this.policy,
      set: (value) => (this.policy = value),
      read: oneOf(Object.keys(POLICIES)),
    },
    'maxmemory-samples': {
      get: () => this.samples,
      set: (value) => (this.samples = value),
      read: (text) => (/^[1-9][0-9]{0,1}$/.test(text) ? Number(text) : undefined),
    },
    appendfsync: {
      get: () => this.appendfsync,
      set: (value) => (this.appendfsync = value),
      read: oneOf(FLUSHING),
    },
    appendonly: { get: () => this.appendonly },
    save: { get: () => '' },
    databases: { get: () => 1 },
  };
}

function memory(text) {
  const match = /^([0-9]{1,15})([kmg]?b?)$/i.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS[match[2].toLowerCase()];
}

function oneOf(words) {
  return (text) => words.find((word) => word === text.toLowerCase());
}
