/**
 * Login and consent, through oidc-provider's interactions API.
 *
 * The library sends the browser to /interaction/<uid> when a request needs a person, with a signed cookie for that path
 * alone. We show a page, and hand the outcome back with `interactionResult`, which names the URL where the library goes
 * on with the request.
 */

import { errors } from 'oidc-provider';

import { consentPage, errorPage, loginPage } from './pages.mjs';

const PATH = /^(\/interaction\/([\w-]+))(\/upstream)?$/;
const PAGE_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
};
const FORM_LIMIT = 10_000; // characters

/**
 * Makes the Koa middleware for GET and POST /interaction/<uid>, and /interaction/<uid>/upstream where there is one.
 *
 * @param {import('oidc-provider').Provider} provider
 * @param {object} decisions what a fault may replace, see `makeDecisions`
 * @param {ReturnType<import('./upstream.mjs').makeUpstream>} [upstream]
 */
export function interactionRoutes(provider, decisions, upstream) {
  return async function interactionRoute(ctx, next) {
    const [, action, uid, atUpstream] = PATH.exec(ctx.path) ?? [];
    if (!uid || !['GET', 'POST'].includes(ctx.method) || (atUpstream && !upstream)) return next();
    ctx.set(PAGE_HEADERS);
    ctx.type = 'html';
    try {
      const details = await provider.interactionDetails(ctx.req, ctx.res);
      if (details.uid !== uid) throw new errors.SessionNotFound('the form and the cookie belong to different requests');
      const client = await provider.Client.find(details.params.client_id);
      const view = { ...details, uid, provider, client, action, upstreamAction: upstream && `${action}/upstream` };
      const step = STEPS[details.prompt.name];
      if (atUpstream && step !== STEPS.login) throw new errors.SessionNotFound('this page does not wait for a login');
      if (ctx.method === 'GET' && !atUpstream) {
        ctx.body = step.show(view);
        return undefined;
      }
      const { result, message, redirect } = await (atUpstream
        ? visitUpstream(upstream, view, ctx)
        : step.submit(view, await readForm(ctx.req), decisions, ctx));
      if (!result && !redirect) {
        ctx.body = step.show({ ...view, ...message });
        return undefined;
      }
      // A consent after a login in the same request repeats the login, or prompt=login would count as unanswered.
      const mergeWithLastSubmission = Boolean(result?.consent);
      ctx.status = 303;
      ctx.redirect(redirect ?? await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission }));
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      ctx.status = error.status;
      ctx.body = errorPage({ message: error.error_description });
    }
    return undefined;
  };
}

/** The decisions of the login page, each of which a fault can replace. */
export function makeDecisions(accounts) {
  return {
    /** Whether this password logs this user in. */
    accepts: (name, password) => accounts.passwordIsRight(name, password),
    /** When the user authenticated, in seconds since the epoch; undefined lets the library take the present time. */
    authenticatedAt: async (_ctx, _name) => undefined,
    exists: accounts.exists,
  };
}

const STEPS = {
  login: {
    show: ({ client, params, action, upstreamAction, username, message }) => loginPage({
      action, upstreamAction, clientName: client.clientName, username: username ?? params.login_hint, message,
    }),
    async submit(_view, form, decisions, ctx) {
      if (form.get('decision') === 'cancel') return { result: cancelled('the user cancelled the login') };
      const username = form.get('username') ?? '';
      if (!decisions.accepts(username, form.get('password') ?? '')) {
        return { message: { username, message: 'Wrong user name or password.' } };
      }
      return { result: { login: { accountId: username, ts: await decisions.authenticatedAt(ctx, username) } } };
    },
  },
  consent: {
    show: ({ client, params, session, action }) => consentPage({
      action, clientName: client.clientName, username: session.accountId, scopes: params.scope.split(' '),
    }),
    async submit({ provider, prompt, grantId, session, params }, form) {
      // Only "allow" allows: a form without a decision is a refusal too.
      if (form.get('decision') !== 'allow') return { result: cancelled('the user refused consent') };
      const known = grantId && await provider.Grant.find(grantId);
      const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
      grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' '));
      return { result: { consent: { grantId: await grant.save() } } };
    },
  },
};

/** The button sends a form, the upstream's answer comes as a query. */
function visitUpstream(upstream, view, ctx) {
  return ctx.method === 'POST' ? upstream.start(view) : upstream.finish(view, new URLSearchParams(ctx.querystring));
}

function cancelled(description) {
  return { error: 'access_denied', error_description: description };
}

async function readForm(request) {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += chunk;
    if (text.length > FORM_LIMIT) throw new errors.InvalidRequest('the form is too large', 413);
  }
  return new URLSearchParams(text);
}
