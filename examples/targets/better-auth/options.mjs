/** What the person who starts the server says: the command line and the environment. */

import { parseArgs } from 'node:util';

const SECRETS = [
  'SESSIONPROOF_ALICE_PASSWORD',
  'SESSIONPROOF_BOB_PASSWORD',
  'SESSIONPROOF_SHOP_SECRET',
  'SESSIONPROOF_OUTLET_SECRET',
];
const PASSWORD_LENGTH = { least: 8, most: 128 }; // better-auth's own limits

export const USAGE = `usage: node server.mjs [--host ADDRESS] [--port NUMBER] [--javascript]

  --host        address to listen on (127.0.0.1)
  --port        port to listen on (8231); 0 takes a free one
  --javascript  login and consent pages are a JavaScript application over the JSON API

Environment, all of it needed: ${SECRETS.join(', ')}`;

/** A mistake of the person who starts the server; the message says what to do. */
export class UsageError extends Error {}

/**
 * @param {string[]} args the command line without the program's name
 * @returns {{ help: boolean, host: string, port: number, javascript: boolean }}
 * @throws {UsageError}
 */
export function readOptions(args) {
  const { help, host, port, javascript } = parse(args);
  if (!/^\d+$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port is ${JSON.stringify(port)}, expected a whole number from 0 to 65535`);
  }
  return { help, host, port: Number(port), javascript };
}

/**
 * @param {Record<string, string | undefined>} environment
 * @returns {{ passwords: { alice: string, bob: string }, clientSecrets: { shop: string, outlet: string } }}
 * @throws {UsageError}
 */
export function readSecrets(environment) {
  const missing = SECRETS.filter((name) => !environment[name]);
  if (missing.length) {
    throw new UsageError(`missing in the environment: ${missing.join(', ')} (start.sh has values for a demo)`);
  }
  const { least, most } = PASSWORD_LENGTH;
  for (const name of SECRETS.filter((one) => one.endsWith('_PASSWORD'))) {
    const { length } = environment[name];
    if (length < least || length > most) {
      throw new UsageError(`${name} has ${length} characters, better-auth wants ${least} to ${most}`);
    }
  }
  const [alice, bob, shop, outlet] = SECRETS.map((name) => environment[name]);
  return { passwords: { alice, bob }, clientSecrets: { shop, outlet } };
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8231' },
        javascript: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error.message}; --help lists what there is`);
  }
}
