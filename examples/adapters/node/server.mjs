// The same target over HTTP, for an adapter that runs elsewhere: POST /METHOD with a list of arguments as JSON.

import { createServer } from "node:http";
import { Target } from "./target.mjs";

const target = new Target(process.env.FAULT);
const methods = ["reset", "open", "openPublic", "logIn", "logOut", "logOutEverywhere", "sessions"];

const server = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  const method = request.url.slice(1);
  if (!methods.includes(method)) return response.writeHead(404).end();
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(target[method](...JSON.parse(body)) ?? null));
});
server.listen(0, "127.0.0.1", () => console.log(`ready http://127.0.0.1:${server.address().port}`));
