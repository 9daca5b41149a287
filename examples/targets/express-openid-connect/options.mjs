/** What the person who starts the application says: the command line and the environment. */

import { parseArgs } from 'node:util';

const YEAR = 365 * 24 * 3600; // seconds

export const USAGE = `usage: node server.mjs [--host ADDRESS] [--port NUMBER] [--issuer URL] [--store cookie|memory]
                       [--idle SECONDS] [--absolute SECONDS]

  --host      address to listen on (127.0.0.1)
  --port      port to listen on (8301); 0 takes a free one
  --issuer    the authorization server (http://127.0.0.2:8102); it need not run yet
  --store     where sessions are kept: in the browser's cookie, or in the server's memory (cookie)
  --idle      how long a session lasts without a visit (the library's default: 1 day)
  --absolute  how long a session lasts at all (the library's default: 7 days)

Environment, needed: SESSIONPROOF_APP_SECRET`;

/** A mistake of the person who starts the application; the message says what to do. */
export class UsageError extends Error {}

/**
 * @param {string[]} args the command line without the program's name
 * @returns {{ help: boolean, host: string, port: number, issuer: string, store: 'cookie' | 'memory',
 *   idle: number | undefined, absolute: number | undefined }}
 * @throws {UsageError}
 */
export function readOptions(args) {
  const { help, host, issuer, store, ...numbers } = parse(args);
  if (!['cookie', 'memory'].includes(store)) {
    throw new UsageError(`--store is ${JSON.stringify(store)}, expected cookie or memory`);
  }
  if (!URL.canParse(issuer)) throw new UsageError(`--issuer is ${JSON.stringify(issuer)}, expected a URL`);
  return {
    help,
    host,
    issuer,
    store,
    port: wholeNumber('--port', numbers.port, 0, 65_535),
    idle: numbers.idle && wholeNumber('--idle', numbers.idle, 1, YEAR),
    absolute: numbers.absolute && wholeNumber('--absolute', numbers.absolute, 1, YEAR),
  };
}

/**
 * @param {Record<string, string | undefined>} environment
 * @returns {string} the client secret
 * @throws {UsageError}
 */
export function readSecret({ SESSIONPROOF_APP_SECRET: secret }) {
  if (!secret) throw new UsageError('SESSIONPROOF_APP_SECRET is missing in the environment (start.sh has a demo value)');
  return secret;
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8301' },
        issuer: { type: 'string', default: 'http://127.0.0.2:8102' },
        store: { type: 'string', default: 'cookie' },
        idle: { type: 'string' },
        absolute: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error.message}; --help lists what there is`);
  }
}

function wholeNumber(option, text, least, most) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`${option} is ${JSON.stringify(text)}, expected a whole number from ${least} to ${most}`);
  }
  return value;
}
