/** The application: its pages, and the library's configuration. The rules of login and logout are the library's. */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import express from 'express';
import openid from 'express-openid-connect';
import memorystore from 'memorystore';

import { page } from './pages.mjs';

const { auth, requiresAuth } = openid;
const SLOW = 1500; // milliseconds

/**
 * @param {{ baseURL: string, issuer: string, secret: string, store: 'cookie' | 'memory', idle?: number,
 *   absolute?: number }} options times are seconds; left out, the library's own hold
 * @returns {express.Express}
 */
export function makeApplication(options) {
  const application = express();
  application.use(auth(makeConfiguration(options)));

  application.get('/', show('Shop'));
  application.get('/account', requiresAuth(), show('My account'));
  application.get('/slow', requiresAuth(), async (request, response) => {
    await sleep(SLOW);
    show('A page that takes its time')(request, response);
  });

  // The library adds /login, /logout, /callback and, with a store, /backchannel-logout.
  application.get('/switch', (_request, response) =>
    response.oidc.login({ returnTo: '/', authorizationParams: { prompt: 'login' } }));
  application.get('/silent', (_request, response) =>
    response.oidc.login({ returnTo: '/', silent: true, authorizationParams: { prompt: 'none' } }));
  application.get('/local-logout', (request, response) => {
    request.appSession = undefined; // as the library's own logout does it
    response.redirect('/');
  });
  return application;
}

function makeConfiguration({ baseURL, issuer, secret, store, idle, absolute }) {
  const server = store === 'memory' && new (memorystore(auth))({ checkPeriod: 60_000 });
  return {
    baseURL,
    issuerBaseURL: issuer,
    clientID: 'app',
    clientSecret: secret,
    secret: randomBytes(32), // for the cookies: those of an earlier process mean nothing to this one
    authRequired: false,
    authorizationParams: { response_type: 'code', scope: 'openid profile' },
    idTokenSigningAlg: 'ES256',
    idpLogout: true,
    backchannelLogout: Boolean(server),
    session: {
      ...(server && { store: server }),
      ...(idle && { rollingDuration: idle }),
      ...(absolute && { absoluteDuration: absolute }),
    },
  };
}

function show(title) {
  return (request, response) => {
    const { user } = request.oidc;
    response.send(page(title, user && (user.preferred_username ?? user.sub)));
  };
}
