/**
 * The faults: the server with one real bug each. `server.mjs --fault NAME` applies one.
 *
 * They are made through oidc-provider's public ways in (configuration, interaction policy, Koa middleware before and
 * after the library, its model classes) or in our own interaction code. Each is { what, requirements, apply }:
 * `requirements` are the ids of the catalogue that a suite should report, first the one meant, then those that the same
 * behaviour breaks. `apply` changes the parts of the server: `configuration` (oidc-provider's), `decisions` (ours, see
 * interactions.mjs), and `onProvider(callback)`, which calls back with the provider when it is built.
 */

import { interactionPolicy, Provider } from 'oidc-provider';

import { errorPage } from './pages.mjs';

const SILENT_ERRORS = ['login_required', 'consent_required', 'interaction_required'];

export const FAULTS = {
  'wrong-password-accepted': {
    what: 'any password logs a known user in',
    requirements: ['AS-04'],
    apply: ({ decisions }) => {
      decisions.accepts = (name) => decisions.exists(name);
    },
  },

  'state-dropped': {
    what: 'an answer with a code comes without `state`',
    requirements: ['AS-05'],
    apply: after(['authorization', 'resume'], (ctx) => {
      if (locationParameter(ctx, 'code')) withoutLocationParameter(ctx, 'state');
    }),
  },

  'sso-asks-again': {
    what: 'an application new to the session asks for the password although the user is logged in',
    requirements: ['AS-08'],
    apply: ({ configuration }) => {
      const isNew = ({ oidc }) => !oidc.prompts.has('none') && !oidc.result?.login
        && Boolean(oidc.session.accountId) && !oidc.session.grantIdFor(oidc.client.clientId);
      const check = new interactionPolicy.Check('new_application', 'new to the session', 'login_required', isNew);
      configuration.interactions.policy.get('login').checks.add(check);
    },
  },

  'relogin-keeps-sid': {
    what: 'a login as another user goes on in the session of the former one, with its `sid`',
    requirements: ['AS-12', 'AS-20', 'AS-35'],
    apply: before(/^\/auth\/[\w-]+$/, async (ctx) => {
      const interaction = await ctx.app.Interaction.find(ctx.path.split('/').pop());
      const session = await ctx.app.Session.get(ctx);
      const user = interaction?.result?.login?.accountId;
      if (!user || !session.accountId || session.accountId === user) return;
      session.accountId = user;
      for (const authorization of Object.values(session.authorizations ?? {})) delete authorization.grantId;
      await session.persist();
    }),
  },

  'auth-time-frozen': {
    what: 'a new login by the same user keeps the old `auth_time`',
    requirements: ['AS-12', 'AS-15'],
    apply: ({ decisions }) => {
      decisions.authenticatedAt = async (ctx, name) => {
        const session = await ctx.app.Session.get(ctx);
        return session.accountId === name ? session.loginTs : undefined;
      };
    },
  },

  'silent-shows-page': {
    what: 'prompt=none without a session leads to the login page',
    requirements: ['AS-13', 'AS-02'],
    apply: after(['authorization'], (ctx) => {
      if (locationParameter(ctx, 'error') !== 'login_required' || ctx.oidc.session.accountId) return;
      const { prompt, ...others } = ctx.query;
      ctx.redirect(`/auth?${new URLSearchParams(others)}`);
    }),
  },

  'prompt-none-other-prompt': {
    what: 'prompt="none login" is taken for prompt=none',
    requirements: ['AS-14'],
    apply: before(/^\/auth$/, (ctx) => {
      if (ctx.query.prompt?.split(' ').includes('none')) ctx.query = { ...ctx.query, prompt: 'none' };
    }),
  },

  'max-age-ignored': {
    what: 'max_age is not looked at',
    requirements: ['AS-17'],
    apply: ({ configuration }) => configuration.interactions.policy.get('login').checks.remove('max_age'),
  },

  'hint-ignored': {
    what: 'id_token_hint is not compared with the user who is logged in',
    requirements: ['AS-19'],
    apply: ({ configuration }) => configuration.interactions.policy.get('login').checks.remove('id_token_hint'),
  },

  'code-reuse': {
    what: 'a code can be redeemed again and again',
    requirements: ['AS-22'],
    apply: ({ configuration }) => {
      const { adapter } = configuration;
      const forgetful = (model) => ({ ...adapter(model), consume: async () => {} });
      configuration.adapter = (model) => (model === 'AuthorizationCode' ? forgetful(model) : adapter(model));
    },
  },

  'logout-keeps-session': {
    what: 'logout redirects as if it had worked, and the session stays',
    requirements: ['AS-28', 'AS-32'],
    apply: ({ configuration, onProvider }) => {
      configuration.revokeGrantPolicy = ({ oidc }) => oidc.route !== 'end_session_confirm';
      onProvider(({ Session }) => {
        const { destroy } = Session.prototype;
        Session.prototype.destroy = async function destroyUnlessAsked() {
          if (Provider.ctx?.oidc.route !== 'end_session_confirm' || changesUser(Provider.ctx)) await destroy.call(this);
        };
      });
    },
  },

  'logout-without-asking': {
    what: 'logout without id_token_hint ends the session without the question',
    requirements: ['AS-29'],
    apply: after(['end_session'], async (ctx) => {
      const { session, params } = ctx.oidc;
      if (ctx.status !== 200 || !session.accountId || params.id_token_hint) return;
      const { postLogoutRedirectUri, state } = session.state;
      await session.destroy();
      const target = new URL(postLogoutRedirectUri ?? ctx.oidc.urlFor('end_session_success'));
      if (postLogoutRedirectUri && state !== undefined) target.searchParams.set('state', state);
      ctx.status = 303;
      ctx.redirect(target.href);
    }),
  },

  'open-post-logout-redirect': {
    what: 'the browser is sent to any post_logout_redirect_uri',
    requirements: ['AS-30'],
    apply: ({ onProvider }) => onProvider(({ Client }) => {
      Client.prototype.postLogoutRedirectUriAllowed = () => true;
    }),
  },

  'declined-logout-logs-out': {
    what: '"No, stay signed in" ends the session',
    requirements: ['AS-31'],
    apply: after(['end_session_confirm'], async (ctx) => {
      if (ctx.status === 303 && !ctx.oidc.params.logout) await ctx.oidc.session.destroy();
    }),
  },

  'refresh-survives-logout': {
    what: 'a refresh token without offline_access outlives the session',
    requirements: ['AS-41'],
    apply: ({ configuration }) => {
      configuration.expiresWithSession = () => false;
    },
  },

  'error-page-not-redirect': {
    what: 'errors are shown as a page of the server, those of prompt=none excepted',
    requirements: ['AS-58', 'AS-07', 'AS-14'],
    apply: after(['authorization', 'resume'], (ctx) => {
      const error = locationParameter(ctx, 'error');
      if (!error || SILENT_ERRORS.includes(error)) return;
      ctx.remove('Location');
      ctx.status = 400;
      ctx.type = 'html';
      ctx.body = errorPage({ message: error });
    }),
  },
};

/** Middleware that runs before the library, on paths that match. */
function before(path, run) {
  return ({ onProvider }) => onProvider((provider) => provider.use(async (ctx, next) => {
    if (path.test(ctx.path)) await run(ctx);
    await next();
  }));
}

/** Middleware that runs after the library has answered on one of its named routes. */
function after(routes, run) {
  return ({ onProvider }) => onProvider((provider) => provider.use(async (ctx, next) => {
    await next();
    if (routes.includes(ctx.oidc?.route)) await run(ctx);
  }));
}

/** A parameter of the redirect about to be sent, from its query or its fragment; undefined without a redirect. */
function locationParameter(ctx, name) {
  const location = ctx.response.get('Location');
  if (!location) return undefined;
  const { searchParams, hash } = new URL(location, ctx.href);
  return searchParams.get(name) ?? new URLSearchParams(hash.slice(1)).get(name);
}

function withoutLocationParameter(ctx, name) {
  const location = new URL(ctx.response.get('Location'));
  location.searchParams.delete(name);
  ctx.redirect(location.href);
}

/** Whether this is the library's own logout on the way from one user to another, which goes on at /auth/<uid>. */
function changesUser(ctx) {
  return ctx.oidc.session.state?.postLogoutRedirectUri?.startsWith(ctx.oidc.urlFor('authorization'));
}
