/** The text of INFO: sections of `name:value` lines. */

/** @typedef {import('./server.js').Server} Server */

/** @type {Record<string, (server: Server) => object>} */
const SECTIONS = {
  server: ({ port, started }) => ({
    redis_version: '7.4.0',
    server_name: 'cutaway-node',
    process_id: process.pid,
    tcp_port: port,
    uptime_in_seconds: Math.floor((Date.now() - started) / 1000),
  }),
  clients: ({ clients }) => ({ connected_clients: clients.size }),
  memory: ({ db, config }) => ({
    used_memory: db.octets,
    used_memory_rss: process.memoryUsage.rss(),
    maxmemory: config.maxmemory,
    maxmemory_policy: config.policy,
  }),
  persistence: ({ log }) => ({ loading: 0, aof_enabled: Number(log !== null) }),
  stats: ({ stats, db, eviction }) => ({
    total_commands_processed: stats.commands,
    total_connections_received: stats.connections,
    expired_keys: db.expired,
    evicted_keys: eviction.evicted,
  }),
  replication: () => ({ role: 'master', connected_slaves: 0 }),
  keyspace: ({ db }) =>
    db.size === 0 ? {} : { db0: `keys=${db.size},expires=${db.withDeadline},avg_ttl=0` },
};

/**
 * @param {Server} server
 * @param {string[]} wanted  names of sections; none for all
 */
export function information(server, wanted) {
  const names = wanted.map((name) => name.toLowerCase());
  const all = names.length === 0 || names.some((name) => /^(all|default|everything)$/.test(name));
  return Object.entries(SECTIONS)
    .filter(([name]) => all || names.includes(name))
    .map(([name, section]) => written(name, section(server)))
    .join('\r\n');
}

function written(name, values) {
  const title = `# ${name[0].toUpperCase()}${name.slice(1)}`;
  const lines = Object.entries(values).map(([key, value]) => `${key}:${value}`);
  return [title, ...lines, ''].join('\r\n');
}
