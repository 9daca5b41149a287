/**
 * An authorization server made with better-auth, to be certified by sessionproof: `node server.mjs --help`.
 *
 * Prints one line on standard output when it can be used, `ready http://127.0.0.1:8231`; all else on standard error.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';

import { toNodeHandler } from 'better-auth/node';

import { makeAuth } from './configuration.mjs';
import { formRoutes } from './forms.mjs';
import { javascriptRoutes } from './javascript.mjs';
import { readOptions, readSecrets, USAGE, UsageError } from './options.mjs';

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const secrets = readSecrets(process.env);
  const server = createServer();
  // Clients keep connections for 5 seconds, and so does Node: a request sent at that moment would be lost.
  server.keepAliveTimeout = 60_000;
  const origin = await listen(server, options);
  const auth = await makeAuth({ origin, ...secrets });
  const showPage = options.javascript ? javascriptRoutes(origin) : formRoutes(auth, origin);
  const api = toNodeHandler(auth);
  server.on('request', async (request, response) => {
    try {
      if (!await showPage(request, response)) await api(request, response);
    } catch (error) {
      console.error(error);
      if (!response.headersSent) response.statusCode = 500;
      response.end();
    }
  });
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      server.close();
      server.closeAllConnections();
    });
  }
  console.log(`ready ${origin}`);
}

async function listen(server, { host, port }) {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw new UsageError(`cannot listen on ${host} port ${port}: ${error.message}`);
    throw new UsageError(`port ${port} on ${host} is taken: stop what listens there, or choose another with --port`);
  }
  return `http://${host}:${server.address().port}`;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`server.mjs: ${error.message}`);
  process.exit(2);
}
