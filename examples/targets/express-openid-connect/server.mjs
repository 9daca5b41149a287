/**
 * An application made with express-openid-connect, to be certified by sessionproof: `node server.mjs --help`.
 *
 * Prints one line on standard output when it can be used, `ready http://127.0.0.1:8301`; all else on standard error.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';

import { makeApplication } from './application.mjs';
import { readOptions, readSecret, USAGE, UsageError } from './options.mjs';

async function main() {
  const { help, host, port, ...options } = readOptions(process.argv.slice(2));
  if (help) {
    console.log(USAGE);
    return;
  }
  const secret = readSecret(process.env);
  const server = createServer();
  // Clients keep connections for 5 seconds, and so does Node: a request sent at that moment would be lost.
  server.keepAliveTimeout = 60_000;
  const baseURL = await listen(server, host, port);
  server.on('request', makeApplication({ ...options, baseURL, secret }));
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
  console.log(`ready ${baseURL}`);
}

async function listen(server, host, port) {
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
