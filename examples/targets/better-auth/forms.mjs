/**
 * The login and the consent page, as plain forms over better-auth's API.
 *
 * The library sends the browser here with the whole authorization request in the query, signed. That query is our only
 * memory of it: the forms post to their own address, and we hand the query back as `oauth_query`. Whether it is good,
 * who is logged in, and where the browser goes next are the library's to say.
 */

import { fromNodeHeaders } from 'better-auth/node';

import { APPLICATIONS } from './configuration.mjs';
import { consentPage, errorPage, loginPage } from './pages.mjs';

const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
};
const FORM_LIMIT = 10_000; // characters

const PAGES = { '/login': login, '/consent': consent };

/**
 * Makes a handler for GET and POST of /login and /consent. It returns whether the request was one of these.
 *
 * @param {Awaited<ReturnType<import('./configuration.mjs').makeAuth>>} auth
 * @param {string} origin
 */
export function formRoutes(auth, origin) {
  return async function formRoute(request, response) {
    const { pathname, search } = new URL(request.url, origin);
    const answer = PAGES[pathname];
    if (!answer || !['GET', 'POST'].includes(request.method)) return false;
    const query = search.slice(1);
    const visit = {
      auth,
      query,
      action: `${pathname}${search}`,
      clientName: APPLICATIONS[new URLSearchParams(query).get('client_id')],
      headers: fromNodeHeaders(request.headers),
    };
    const form = request.method === 'POST' ? await readForm(request) : undefined;
    const { status = 200, headers = [], html } = query && form !== null ? await answer(visit, form) : notFromHere();
    response.statusCode = status;
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    for (const [name, value] of headers) response.appendHeader(name, value);
    response.end(html);
    return true;
  };
}

async function login(visit, form) {
  const { action, clientName, query } = visit;
  if (!form) return { html: loginPage({ action, clientName, email: new URLSearchParams(query).get('login_hint') }) };
  const email = form.get('email') ?? '';
  const result = await callApi(visit, '/sign-in/email', { email, password: form.get('password') ?? '' });
  if (![400, 401].includes(result.status) || result.body.error) return goOn(result);
  // 401 for a wrong password, 400 for what is no e-mail address.
  return { html: loginPage({ action, clientName, email, message: result.body.message }) };
}

async function consent(visit, form) {
  const { auth, action, clientName, query, headers } = visit;
  if (form) return goOn(await callApi(visit, '/oauth2/consent', { accept: form.get('decision') === 'allow' }));
  const session = await auth.api.getSession({ headers });
  const scopes = (new URLSearchParams(query).get('scope') ?? '').split(' ');
  return { html: consentPage({ action, clientName, email: session?.user.email, scopes }) };
}

/**
 * Posts to better-auth's API for the browser: with the cookies and the headers that tell where the form came from
 * (Origin, Referer, Sec-Fetch-*), so that the library's own checks of them count.
 */
async function callApi({ auth, query, headers }, path, body) {
  const passedOn = new Headers(headers);
  for (const name of ['content-length', 'transfer-encoding', 'connection', 'expect']) passedOn.delete(name);
  passedOn.set('content-type', 'application/json');
  passedOn.set('accept', 'application/json');
  const { baseURL } = await auth.$context;
  const response = await auth.handler(new Request(`${baseURL}${path}`, {
    method: 'POST', headers: passedOn, body: JSON.stringify({ ...body, oauth_query: query }),
  }));
  return { status: response.status, cookies: response.headers.getSetCookie(), body: (await response.json()) ?? {} };
}

/** The library answers with the address where the browser goes next, or with an error. */
function goOn({ status, cookies, body }) {
  const headers = cookies.map((cookie) => ['Set-Cookie', cookie]);
  if (body.url) return { status: 303, headers: [...headers, ['Location', body.url]] };
  return { status, headers, html: errorPage({ message: body.error_description ?? body.message ?? body.error }) };
}

function notFromHere() {
  return { status: 400, html: errorPage({ message: 'This page belongs to the login of an application.' }) };
}

/** The fields of a form; null if it is too large. */
async function readForm(request) {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += chunk;
    if (text.length > FORM_LIMIT) return null;
  }
  return new URLSearchParams(text);
}
