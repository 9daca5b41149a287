/** What this server is: oidc-provider's configuration, in the library's own terms. Durations are in seconds. */

import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import { interactionPolicy } from 'oidc-provider';

import { memoryAdapter } from './memory.mjs';

const HOUR = 3600;
const FORTNIGHT = 14 * 24 * HOUR;

/**
 * @param {object} options
 * @param {ReturnType<import('./accounts.mjs').makeAccounts>} options.accounts
 * @param {{ shop: string, outlet: string, server?: string, application?: string }} options.clientSecrets
 * @param {number} options.sessionTtl how long a session lasts without a visit
 * @param {string} [options.server] origin of a server that relies on this one
 * @param {string} [options.application] origin of an application beside shop and outlet
 */
export async function makeConfiguration({ accounts, clientSecrets, sessionTtl, server, application: further }) {
  return {
    adapter: memoryAdapter(),
    findAccount: (_ctx, id) => accounts.find(id),
    clients: [
      application('shop', 'Shop', clientSecrets.shop, 'RS256'),
      application('outlet', 'Outlet', clientSecrets.outlet, 'ES256'),
      ...(server ? [relyingServer(server, clientSecrets.server)] : []),
      ...(further ? [furtherApplication(further, clientSecrets.application)] : []),
    ],
    responseTypes: ['code'],
    claims: { openid: ['sub', 'preferred_username'] },
    scopes: ['openid', 'profile', 'offline_access'],
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    jwks: {
      keys: await Promise.all([signingKey('rsa', { modulusLength: 2048 }), signingKey('ec', { namedCurve: 'P-256' })]),
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
    },
    interactions: { policy: interactionPolicy.base(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    // The library's default asks for offline_access too. Without that scope the token ends with the session:
    // `expiresWithSession`, whose default is kept.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    ttl: {
      Session: sessionTtl,
      Interaction: HOUR,
      AuthorizationCode: 60,
      AccessToken: HOUR,
      IdToken: HOUR,
      RefreshToken: FORTNIGHT,
      Grant: FORTNIGHT,
    },
    // One clock only: with the default, 15, a session of 3 seconds would be found for 18.
    clockTolerance: 0,
    clientBasedCORS: () => false,
    // The library's dispatcher refuses loopback addresses, where the suite listens for logout tokens; nothing else is asked.
    fetch: async (url, options) => {
      const { hostname } = new URL(url);
      if (!BACK_CHANNELS.some((origin) => new URL(origin).hostname === hostname)) {
        throw new Error(`no outgoing requests from this server (${hostname})`);
      }
      return fetch(url, { ...options, dispatcher: undefined });
    },
  };
}

/** Where the suite's applications listen for logout tokens. */
const BACK_CHANNELS = ['http://127.0.0.7:8107', 'http://127.0.0.8:8108'];

function application(id, name, secret, signingAlgorithm) {
  const origin = `http://${id}.test`;
  return {
    client_id: id,
    client_name: name,
    client_secret: secret,
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/logged-out`],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: signingAlgorithm,
    require_auth_time: true,
    // Both are needed, or ID tokens hold no `sid`.
    backchannel_logout_uri: `${id === 'outlet' ? BACK_CHANNELS[1] : BACK_CHANNELS[0]}/backchannel-logout`,
    backchannel_logout_session_required: true,
  };
}

/** Another server of ours with --upstream, or the one that the suite plays. */
function relyingServer(origin, secret) {
  return {
    ...application('server-at-idp', 'The login server', secret, 'ES256'),
    redirect_uris: [`${origin}/upstream/callback`],
    post_logout_redirect_uris: [`${origin}/upstream/logged-out`],
  };
}

function furtherApplication(origin, secret) {
  return {
    ...application('app', 'Application', secret, 'ES256'),
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [origin],
  };
}

async function signingKey(type, options) {
  const { privateKey } = await promisify(generateKeyPair)(type, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig' };
}
