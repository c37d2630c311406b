/** What the environment asks for, checked once, at the start. */

export class SettingsError extends Error {}

/**
 * @typedef {object} Settings
 * @property {number | null} port
 * @property {number | null} linesPort
 * @property {number | null} framesPort
 * @property {number} idleMs
 * @property {number} maxConnections
 */

/**
 * @param {Record<string, string | undefined>} env
 * @returns {Settings}
 */
export function readSettings(env) {
  const settings = {
    port: readPort(env, 'PORT'),
    linesPort: readPort(env, 'LINES_PORT'),
    framesPort: readPort(env, 'FRAMES_PORT'),
    idleMs: readSeconds(env, 'IDLE_SECONDS', 60) * 1000,
    maxConnections: readCount(env, 'MAX_CONNECTIONS', 10_000),
  };
  if (settings.port === null && settings.linesPort === null && settings.framesPort === null) {
    throw new SettingsError('nothing to listen on: set PORT, LINES_PORT or FRAMES_PORT');
  }
  return settings;
}

function readPort(env, name) {
  const text = env[name];
  if (!text) return null;
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > 65535) {
    throw new SettingsError(`${name} must be a port from 0 to 65535, not "${text}"`);
  }
  return Number(text);
}

function readSeconds(env, name, otherwise) {
  const text = env[name];
  if (!text) return otherwise;
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text) || !(Number(text) > 0)) {
    throw new SettingsError(`${name} must be a number of seconds above 0, not "${text}"`);
  }
  return Math.min(Number(text), 2_000_000); // setTimeout counts 31 bits of milliseconds
}

function readCount(env, name, otherwise) {
  const text = env[name];
  if (!text) return otherwise;
  if (!/^[0-9]{1,9}$/.test(text)) {
    throw new SettingsError(`${name} must be a whole number, not "${text}"`);
  }
  return Number(text);
}
