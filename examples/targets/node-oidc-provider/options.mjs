/** What the person who starts the server says: the command line and the environment. */

import { parseArgs } from 'node:util';

import { FAULTS } from './faults.mjs';

const SECRETS = [
  'SESSIONPROOF_ALICE_PASSWORD',
  'SESSIONPROOF_BOB_PASSWORD',
  'SESSIONPROOF_SHOP_SECRET',
  'SESSIONPROOF_OUTLET_SECRET',
];
const UPSTREAM_SECRET = 'SESSIONPROOF_UPSTREAM_SECRET';
const UPSTREAM_ISSUER = 'http://127.0.0.3:8103';
const YEAR = 365 * 24 * 3600; // seconds

export const USAGE = `usage: node server.mjs [--host ADDRESS] [--port NUMBER] [--session-ttl SECONDS] [--upstream]
                       [--fault NAME]

  --host         address to listen on (127.0.0.1)
  --port         port to listen on (8201); 0 takes a free one
  --session-ttl  how long a session lasts without a visit, in seconds (3600)
  --upstream     offer login at another OpenID provider too
  --fault        misbehave in one way:
${Object.entries(FAULTS).map(([name, { what }]) => `    ${name.padEnd(26)}${what}`).join('\n')}

Environment, all of it needed: ${SECRETS.join(', ')};
with --upstream also ${UPSTREAM_SECRET}, and SESSIONPROOF_UPSTREAM_ISSUER if it is not ${UPSTREAM_ISSUER}`;

/** A mistake of the person who starts the server; the message says what to do. */
export class UsageError extends Error {}

/**
 * @param {string[]} args the command line without the program's name
 * @returns {{
 *   help: boolean, host: string, port: number, sessionTtl: number, upstream: boolean, fault: string | undefined,
 * }}
 * @throws {UsageError}
 */
export function readOptions(args) {
  const { help, host, upstream, fault, ...numbers } = parse(args);
  if (fault !== undefined && !Object.hasOwn(FAULTS, fault)) {
    const known = Object.keys(FAULTS).join(', ');
    throw new UsageError(`there is no fault ${JSON.stringify(fault)}, expected one of ${known}`);
  }
  return {
    help,
    host,
    upstream,
    fault,
    port: wholeNumber('--port', numbers.port, 0, 65_535),
    // The library counts whole seconds and may be up to one early: a lifetime of 1 could be over at once.
    sessionTtl: wholeNumber('--session-ttl', numbers['session-ttl'], 2, YEAR),
  };
}

/**
 * @param {Record<string, string | undefined>} environment
 * @param {boolean} withUpstream whether to read about the upstream provider too
 * @returns {{
 *   passwords: { alice: string, bob: string },
 *   clientSecrets: { shop: string, outlet: string },
 *   upstream: { issuer: string, secret: string } | undefined,
 * }}
 * @throws {UsageError}
 */
export function readSecrets(environment, withUpstream) {
  const needed = withUpstream ? [...SECRETS, UPSTREAM_SECRET] : SECRETS;
  const missing = needed.filter((name) => !environment[name]);
  if (missing.length) {
    throw new UsageError(`missing in the environment: ${missing.join(', ')} (start.sh has values for a demo)`);
  }
  const [alice, bob, shop, outlet, secret] = needed.map((name) => environment[name]);
  const issuer = environment.SESSIONPROOF_UPSTREAM_ISSUER || UPSTREAM_ISSUER;
  if (withUpstream && !URL.canParse(issuer)) {
    throw new UsageError(`SESSIONPROOF_UPSTREAM_ISSUER is ${JSON.stringify(issuer)}, expected an absolute address`);
  }
  const upstream = withUpstream ? { issuer, secret } : undefined;
  return { passwords: { alice, bob }, clientSecrets: { shop, outlet }, upstream };
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8201' },
        'session-ttl': { type: 'string', default: '3600' },
        upstream: { type: 'boolean', default: false },
        fault: { type: 'string' },
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
