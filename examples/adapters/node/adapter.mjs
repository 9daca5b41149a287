// Drives the target for sessionproof: reads requests and writes answers, one JSON object a line.
// `sessionproof schema --adapter` describes the messages.

import { createInterface } from "node:readline";
import { Target } from "./target.mjs";

const STATEMENT = {
  protocol: 1,
  name: "Two shops in memory",
  layers: ["APP", "AS", "SYS"],
  features: [
    "application under test", "client at the server", "local logout", "rp_initiated_logout", "server under test",
    "silent check", "switch user",
  ],
  profiles: ["sso", "silent"],
  status: true,
};
const PROMPTS = { "visit orders": "", "switch user": "login", "silent check": "none", "ask none and login": "none login" };

const target = new Target(process.env.FAULT);
let scope = null;
let sids = {}; // the sid that each browser's last token for an application had

function play({ action, app, arg, browser }) {
  if (action in PROMPTS) return { app, seen: target.open(browser, app, PROMPTS[action]) };
  if (action === "credentials") {
    const pending = target.browsers[browser].pending;
    return { app: pending, seen: target.logIn(browser, arg) };
  }
  if (action === "visit checkout") return { app, seen: target.openPublic(browser, app) };
  if (action === "log out everywhere") return { app, seen: target.logOutEverywhere(browser, app) };
  if (action === "log out here") return { app, seen: target.logOut(browser, app) };
  throw new Error(`this adapter does not know how to ${action}`);
}

function observe(stimulus) {
  const { app, seen } = play(stimulus);
  const trace = [];
  const facets = {};
  // "ask none and login" is a request that no application makes: it is made by hand.
  if (seen.asked && stimulus.action !== "ask none and login") trace.push("authorize");
  if (seen.ended) trace.push("end session", "return");
  if (seen.error) trace.push(`error ${seen.error}`);
  if (seen.token) {
    trace.push("answer");
    const key = `${stimulus.browser}/${app}`;
    facets.sub = seen.token.sub;
    facets.auth_time = seen.token.fresh ? "now" : "before";
    if (sids[key]) facets.sid = sids[key] === seen.token.sid ? "same" : "new";
    sids[key] = seen.token.sid;
  }
  trace.push(`page ${seen.page}`);
  if (seen.user) facets.shown = seen.user;
  for (let browser = 0; browser < scope.browsers; browser += 1) {
    const sessions = target.sessions(browser);
    for (const name of scope.apps) facets[`b${browser + 1}/${name}`] = sessions[name] ?? "absent";
    facets[`b${browser + 1}/as`] = sessions.server ?? "absent";
  }
  return { trace, facets };
}

function answer(request) {
  switch (request.command) {
    case "declare":
      return STATEMENT;
    case "reset":
      scope = request.scope;
      sids = {};
      target.reset(scope.browsers);
      return {};
    case "perform":
      return observe(request.stimulus);
    case "exchanges":
      return { exchanges: [] };
    case "effort":
      return {};
    case "close":
      return {};
    default:
      throw new Error(`unknown command ${request.command}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let reply;
  try {
    reply = { number: request.number, ok: answer(request) };
  } catch (error) {
    reply = { number: request.number, problem: { cause: error.message, hint: "Look at adapter.mjs." } };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
