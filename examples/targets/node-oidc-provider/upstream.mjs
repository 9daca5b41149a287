/**
 * Login at an upstream OpenID provider (--upstream): a button on the login page, and this server as its client.
 *
 * The library's cookie for a login page is for /interaction/<uid> alone. So the button posts to
 * /interaction/<uid>/upstream, and the registered redirect URI, /upstream/callback, sends the answer on to that path:
 * only there, in the browser that the page was shown to, it is looked at.
 */

import * as client from 'openid-client';

import { errorPage } from './pages.mjs';

const CALLBACK = '/upstream/callback';
const CLIENT_ID = 'server-at-idp';
const ATTEMPT_TTL = 3_600_000; // milliseconds, as long as a login page
const LEEWAY = 5; // seconds by which the upstream's clock may be behind ours
const UNASKED = 'This answer of Upstream was used before, or nobody here asked for it.';

/**
 * @param {object} options
 * @param {string} options.origin ours
 * @param {string} options.issuer the upstream's
 * @param {string} options.secret ours at the upstream
 * @param {ReturnType<import('./accounts.mjs').makeAccounts>} options.accounts
 */
export function makeUpstream({ origin, issuer, secret, accounts }) {
  const redirectUri = `${origin}${CALLBACK}`;
  const attempts = new Map(); // state -> what the answer has to fit, oldest first
  let metadata; // found out at the first login

  async function configuration() {
    const execute = [client.enableNonRepudiationChecks]; // ID tokens are checked against the upstream's keys.
    if (new URL(issuer).protocol === 'http:') execute.push(client.allowInsecureRequests);
    const authentication = client.ClientSecretBasic(secret);
    metadata ??= await client.discovery(new URL(issuer), CLIENT_ID, undefined, authentication, { execute });
    return metadata;
  }

  return {
    /** The button was pressed: where the browser goes, or a message. A demand for a fresh login is passed on. */
    async start({ uid, params: { prompt = '', max_age: maxAge } }) {
      const forced = prompt.split(' ').includes('login');
      const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
      const query = {
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(forced && { prompt: 'login' }),
        ...(maxAge !== undefined && { max_age: String(maxAge) }),
      };
      try {
        const redirect = client.buildAuthorizationUrl(await configuration(), query).href;
        const now = Date.now();
        for (const [old, { startedAt }] of attempts) if (startedAt < now - ATTEMPT_TTL) attempts.delete(old);
        attempts.set(state, { uid, nonce, verifier, maxAge: forced ? 0 : maxAge, startedAt: now });
        return { redirect };
      } catch (error) {
        return failed('Upstream cannot be reached.', error);
      }
    },

    /** The answer has come back to the page that it belongs to: the result of the login, or a message. */
    async finish({ uid }, answer) {
      const state = answer.get('state');
      const attempt = attempts.get(state);
      if (!attempt || attempt.uid !== uid) return failed(UNASKED);
      attempts.delete(state);
      try {
        const tokens = await client.authorizationCodeGrant(await configuration(), new URL(`${redirectUri}?${answer}`), {
          expectedState: state,
          expectedNonce: attempt.nonce,
          pkceCodeVerifier: attempt.verifier,
          idTokenExpected: true,
        });
        const { sub, preferred_username: name, auth_time: ts } = tokens.claims();
        // Where a fresh login was demanded, an old session there is none here.
        if (attempt.maxAge !== undefined && !(ts >= attempt.startedAt / 1000 - attempt.maxAge - LEEWAY)) {
          return failed('Upstream did not ask for your password again.');
        }
        const accountId = accounts.admit(name, sub);
        return accountId ? { result: { login: { accountId, ts } } } : failed('Upstream did not say who you are.');
      } catch (error) {
        if (error instanceof client.AuthorizationResponseError) return failed('You were not logged in by Upstream.');
        return failed('The answer of Upstream could not be used.', error);
      }
    },

    /** Koa middleware for the redirect URI. */
    async callback(ctx, next) {
      if (ctx.path !== CALLBACK || ctx.method !== 'GET') return next();
      const attempt = attempts.get(ctx.query.state);
      if (attempt) return ctx.redirect(`/interaction/${attempt.uid}/upstream?${ctx.querystring}`);
      ctx.status = 400;
      ctx.type = 'html';
      ctx.body = errorPage({ message: UNASKED });
      return undefined;
    },
  };
}

function failed(message, error) {
  if (error) console.error(`${message} ${error.cause?.message ?? error.message}`);
  return { message: { message } };
}
