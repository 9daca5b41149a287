/** What this server is: better-auth's configuration, its two users, and the rows of its two applications. */

import { createHash, randomBytes } from 'node:crypto';

import { oauthProvider } from '@better-auth/oauth-provider';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { jwt } from 'better-auth/plugins';

export const APPLICATIONS = { shop: 'Shop', outlet: 'Outlet' };

// The memory adapter wants each of its tables to exist.
const TABLES = [
  'user', 'session', 'account', 'verification', 'jwks', 'oauthClient', 'oauthResource', 'oauthClientResource',
  'oauthRefreshToken', 'oauthAccessToken', 'oauthConsent', 'oauthClientAssertion',
];

/**
 * Makes the server's better-auth instance, with users and applications in it.
 *
 * @param {object} options
 * @param {string} options.origin where the server is reached, without a slash at the end
 * @param {Record<string, string>} options.passwords name -> password; the e-mail address is name@example.test
 * @param {Record<string, string>} options.clientSecrets client_id -> secret
 */
export async function makeAuth({ origin, passwords, clientSecrets }) {
  const auth = betterAuth({
    baseURL: origin,
    secret: randomBytes(32).toString('base64url'),
    database: memory(),
    emailAndPassword: { enabled: true, autoSignIn: false },
    plugins: [jwt(), oauthProvider({ loginPage: '/login', consentPage: '/consent' })],
    // Otherwise three logins in ten seconds are the limit where NODE_ENV is "production".
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // Standard output is for the ready line.
    logger: { log: (level, message, ...details) => console.error(level, message, ...details) },
  });
  for (const [name, password] of Object.entries(passwords)) {
    await auth.api.signUpEmail({ body: { name, email: `${name}@example.test`, password } });
  }
  const { adapter } = await auth.$context;
  for (const [id, secret] of Object.entries(clientSecrets)) {
    await adapter.create({ model: 'oauthClient', data: application(id, secret) });
  }
  return auth;
}

/**
 * Storage in memory, without transactions: the adapter begins each by copying the whole database twice, which after two
 * thousand logins is most of the work. Nothing here relies on a transaction to be undone.
 */
function memory() {
  const makeAdapter = memoryAdapter(Object.fromEntries(TABLES.map((table) => [table, []])));
  return (options) => {
    const adapter = makeAdapter(options);
    return { ...adapter, transaction: (work) => work(adapter) };
  };
}

/**
 * A stored row, because registration chooses ids and secrets itself. The addresses are https: the plugin refuses http in
 * authorization, token and logout requests too, loopback excepted. Everything that is left out has the plugin's default.
 */
function application(id, secret) {
  const uri = `https://${id}.test`;
  return {
    clientId: id,
    clientSecret: createHash('sha256').update(secret).digest('base64url'), // as the plugin stores its own
    name: APPLICATIONS[id],
    redirectUris: [`${uri}/callback`],
    postLogoutRedirectUris: [`${uri}/logged-out`],
    tokenEndpointAuthMethod: 'client_secret_basic',
    grantTypes: ['authorization_code', 'refresh_token'],
    responseTypes: ['code'],
    // RP-initiated logout is off unless an application has this; it also puts `sid` into its ID tokens.
    enableEndSession: true,
  };
}
