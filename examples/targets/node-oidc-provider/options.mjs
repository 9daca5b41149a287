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
const APP_SECRET = 'SESSIONPROOF_APP_SECRET';
const UPSTREAM_ISSUER = 'http://127.0.0.3:8103';
const YEAR = 365 * 24 * 3600; // seconds

export const USAGE = `usage: node server.mjs [--host ADDRESS] [--port NUMBER] [--session-ttl SECONDS] [--upstream]
                       [--server ORIGIN] [--application ORIGIN] [--fault NAME]

  --host         address to listen on (127.0.0.1)
  --port         port to listen on (8201); 0 takes a free one
  --session-ttl  how long a session lasts without a visit, in seconds (3600)
  --upstream     offer login at another OpenID provider too
  --server       origin of a server that relies on this one: the client server-at-idp, as --upstream makes it
  --application  origin of an application at a server: the client app, as ../express-openid-connect makes it
  --fault        misbehave in one way:
${Object.entries(FAULTS).map(([name, { what }]) => `    ${name.padEnd(26)}${what}`).join('\n')}

Environment, all of it needed: ${SECRETS.join(', ')};
with --upstream or --server also ${UPSTREAM_SECRET}, with --application also ${APP_SECRET};
with --upstream also SESSIONPROOF_UPSTREAM_ISSUER if it is not ${UPSTREAM_ISSUER}`;

/** A mistake of the person who starts the server; the message says what to do. */
export class UsageError extends Error {}

/**
 * @param {string[]} args the command line without the program's name
 * @returns {{
 *   help: boolean, host: string, port: number, sessionTtl: number, upstream: boolean, fault: string | undefined,
 *   server: string | undefined, application: string | undefined,
 * }}
 * @throws {UsageError}
 */
export function readOptions(args) {
  const { help, host, upstream, server, application, fault, ...numbers } = parse(args);
  if (fault !== undefined && !Object.hasOwn(FAULTS, fault)) {
    const known = Object.keys(FAULTS).join(', ');
    throw new UsageError(`there is no fault ${JSON.stringify(fault)}, expected one of ${known}`);
  }
  for (const [option, origin] of Object.entries({ server, application })) {
    if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw new UsageError(`--${option} is ${JSON.stringify(origin)}, expected an origin such as http://as.test`);
    }
  }
  return {
    help,
    host,
    upstream,
    server,
    application,
    fault,
    port: wholeNumber('--port', numbers.port, 0, 65_535),
    // The library counts whole seconds and may be up to one early: a lifetime of 1 could be over at once.
    sessionTtl: wholeNumber('--session-ttl', numbers['session-ttl'], 2, YEAR),
  };
}

/**
 * @param {Record<string, string | undefined>} environment
 * @param {{ upstream: boolean, server?: string, application?: string }} options what else has to be read
 * @returns {{
 *   passwords: { alice: string, bob: string },
 *   clientSecrets: { shop: string, outlet: string, server?: string, application?: string },
 *   upstream: { issuer: string, secret: string } | undefined,
 * }}
 * @throws {UsageError}
 */
export function readSecrets(environment, { upstream: withUpstream, server, application }) {
  const further = [(withUpstream || server) && UPSTREAM_SECRET, application && APP_SECRET];
  const needed = [...SECRETS, ...further.filter(Boolean)];
  const missing = needed.filter((name) => !environment[name]);
  if (missing.length) {
    throw new UsageError(`missing in the environment: ${missing.join(', ')} (start.sh has values for a demo)`);
  }
  const [alice, bob, shop, outlet] = SECRETS.map((name) => environment[name]);
  const secret = environment[UPSTREAM_SECRET];
  const issuer = environment.SESSIONPROOF_UPSTREAM_ISSUER || UPSTREAM_ISSUER;
  if (withUpstream && !URL.canParse(issuer)) {
    throw new UsageError(`SESSIONPROOF_UPSTREAM_ISSUER is ${JSON.stringify(issuer)}, expected an absolute address`);
  }
  const upstream = withUpstream ? { issuer, secret } : undefined;
  const clientSecrets = { shop, outlet, server: secret, application: environment[APP_SECRET] };
  return { passwords: { alice, bob }, clientSecrets, upstream };
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
        server: { type: 'string' },
        application: { type: 'string' },
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
