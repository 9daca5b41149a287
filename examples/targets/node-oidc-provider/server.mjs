/**
 * An authorization server made with oidc-provider, to be certified by sessionproof: `node server.mjs --help`.
 *
 * Prints one line on standard output when it can be used, `ready http://127.0.0.1:8201`; all else on standard error.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';

// The library writes notices with console.info, which would mix with the ready line.
console.info = console.error;

const { Provider } = await import('oidc-provider');
const { makeAccounts } = await import('./accounts.mjs');
const { makeConfiguration } = await import('./configuration.mjs');
const { FAULTS } = await import('./faults.mjs');
const { interactionRoutes, makeDecisions } = await import('./interactions.mjs');
const { readOptions, readSecrets, USAGE, UsageError } = await import('./options.mjs');
const { makeUpstream } = await import('./upstream.mjs');

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const secrets = readSecrets(process.env, options);
  const server = createServer();
  // Clients keep connections for 5 seconds, and so does Node: a request sent at that moment would be lost.
  server.keepAliveTimeout = 60_000;
  const issuer = await listen(server, options);
  const provider = await buildProvider(issuer, secrets, options);
  server.on('request', provider.callback());
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      server.close();
      server.closeAllConnections();
    });
  }
  console.log(`ready ${issuer}`);
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

async function buildProvider(issuer, { passwords, clientSecrets, upstream: upstreamOptions }, options) {
  const { fault } = options;
  const accounts = makeAccounts(passwords);
  const decisions = makeDecisions(accounts);
  const configuration = await makeConfiguration({ accounts, clientSecrets, ...options });
  const callbacks = [];
  if (fault) FAULTS[fault].apply({ configuration, decisions, onProvider: (callback) => callbacks.push(callback) });
  const provider = new Provider(issuer, configuration);
  provider.on('server_error', (_ctx, error) => console.error(error));
  for (const callback of callbacks) callback(provider);
  const upstream = upstreamOptions && makeUpstream({ ...upstreamOptions, origin: issuer, accounts });
  if (upstream) provider.use(upstream.callback);
  provider.use(interactionRoutes(provider, decisions, upstream));
  return provider;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`server.mjs: ${error.message}`);
  process.exit(2);
}
