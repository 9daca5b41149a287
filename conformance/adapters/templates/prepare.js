// Runs in each document before its own scripts. Tells the suite what scripts do with cookies, since the suite keeps them,
// and notes what the document is still about to do: requests, timers, and where it is leaving for.
(() => {
  const tell = globalThis.sessionproofCookie;
  const state = { asking: 0, timers: new Set(), leaving: '', later: globalThis.setTimeout.bind(globalThis) };
  Object.defineProperty(globalThis, Symbol.for('sessionproof'), { value: state });
  delete globalThis.sessionproofCookie;
  delete globalThis.cookieStore; // document.cookie is enough, and the only one that is told

  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  Object.defineProperty(Document.prototype, 'cookie', {
    ...cookie,
    set(line) {
      cookie.set.call(this, line);
      tell(location.href, String(line));
    },
  });

  const answered = () => { state.asking -= 1; };
  const { fetch } = globalThis;
  globalThis.fetch = function sent(...args) {
    state.asking += 1;
    const answer = fetch.apply(this, args);
    answer.then(answered, answered);
    return answer;
  };
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function sent(...args) {
    send.apply(this, args);
    state.asking += 1;
    this.addEventListener('loadend', answered, { once: true });
  };

  const { setTimeout, clearTimeout } = globalThis;
  const SOON = 3000; // milliseconds; a timer that takes longer is not waited for
  globalThis.setTimeout = function set(callback, delay = 0, ...args) {
    if (typeof callback !== 'function' || delay > SOON) return setTimeout(callback, delay, ...args);
    const id = setTimeout(() => {
      state.timers.delete(id);
      callback.apply(globalThis, args);
    }, delay);
    state.timers.add(id);
    return id;
  };
  globalThis.clearTimeout = (id) => {
    state.timers.delete(id);
    clearTimeout(id);
  };

  globalThis.navigation.addEventListener('navigate', ({ destination, downloadRequest }) => {
    if (!destination.sameDocument && downloadRequest === null) state.leaving = destination.url;
  });
})();
