/** Serves the login and the consent page as a JavaScript application: nothing on them works without scripts. */

import { readFile } from 'node:fs/promises';

import { APPLICATIONS } from './configuration.mjs';
import { applicationPage } from './pages.mjs';

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
};

/**
 * Makes a handler for GET of /login, /consent and /application.js. It returns whether the request was one of these.
 *
 * @param {string} origin
 */
export function javascriptRoutes(origin) {
  return async function javascriptRoute(request, response) {
    const { pathname, searchParams } = new URL(request.url, origin);
    const script = pathname === '/application.js';
    if (request.method !== 'GET' || !(script || ['/login', '/consent'].includes(pathname))) return false;
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    response.setHeader('Content-Type', `text/${script ? 'javascript' : 'html'}; charset=utf-8`);
    response.end(script
      ? await readFile(new URL('application.js', import.meta.url))
      : applicationPage({ clientName: APPLICATIONS[searchParams.get('client_id')] }));
    return true;
  };
}
