// A small target in memory: two applications, shop and outlet, and the server that they log in with.
// It knows nothing of any test suite. Run with FAULT=... it has one deliberate fault, to see that it is found.

export const FAULTS = ["none-shows-login", "logout-is-global", "asks-every-application"];

export class Target {
  constructor(fault = "") {
    this.fault = fault;
    this.reset(1);
  }

  reset(browsers) {
    this.clock = 0;
    this.sids = 0;
    this.browsers = Array.from({ length: browsers }, () => ({ local: {}, server: null, pending: null }));
  }

  // Somebody opens the page of an application that needs login, or has it ask with a prompt.
  open(browser, app, prompt = "") {
    const b = this.browsers[browser];
    this.clock += 1;
    if (prompt === "" && b.local[app]) return { page: "account", user: b.local[app] };
    if (prompt === "none login" && this.fault !== "none-shows-login")
      return { asked: true, error: "invalid_request", page: "error" };
    if (prompt === "none") {
      if (!b.server) return { asked: true, error: "login_required", page: "home" };
      return this.#answer(b, app, "home");
    }
    if (b.server && prompt === "" && this.fault !== "asks-every-application") return this.#answer(b, app, "account");
    b.pending = app;
    return { asked: true, page: "login" };
  }

  // Somebody opens the page that needs none.
  openPublic(browser, app) {
    return { page: "checkout", user: this.browsers[browser].local[app] };
  }

  // Somebody fills in the login page.
  logIn(browser, user) {
    const b = this.browsers[browser];
    this.clock += 1;
    const same = b.server && (b.server.user === user || this.fault === "asks-every-application");
    b.server = { user, sid: same ? b.server.sid : `sid-${(this.sids += 1)}`, authTime: this.clock };
    return { ...this.#answer(b, b.pending, "account"), asked: false };
  }

  // Somebody logs out at an application, and there only.
  logOut(browser, app) {
    const b = this.browsers[browser];
    delete b.local[app];
    if (this.fault === "logout-is-global") b.server = null;
    return { page: "home" };
  }

  // Somebody logs out at an application and, through it, at the server.
  logOutEverywhere(browser, app) {
    const b = this.browsers[browser];
    delete b.local[app];
    b.server = null;
    return { ended: true, page: "logged out" };
  }

  sessions(browser) {
    const b = this.browsers[browser];
    return { shop: b.local.shop ?? null, outlet: b.local.outlet ?? null, server: b.server?.user ?? null };
  }

  #answer(b, app, page) {
    b.pending = null;
    b.local[app] = b.server.user;
    const { user, sid, authTime } = b.server;
    return { asked: true, token: { sub: user, sid, fresh: authTime === this.clock }, page, user };
  }
}
