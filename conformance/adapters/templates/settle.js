// Resolves when the document stands still: loaded, no request under way, no timer about to fire, nothing changed for
// `quiet` milliseconds; or when it is leaving, with the address. A document that never rests is one that polls or moves:
// after `patience` milliseconds only its requests are waited for.
({ quiet, patience }) => new Promise((resolve) => {
  const state = globalThis[Symbol.for('sessionproof')];
  const begun = performance.now();
  let asked = begun;
  let changed = begun;
  const watcher = new MutationObserver(() => { changed = performance.now(); });
  watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  (function look() {
    const now = performance.now();
    if (document.readyState !== 'complete' || state.asking > 0) asked = now;
    const restless = now - begun < patience && (state.timers.size > 0 || now - changed < quiet);
    if (!state.leaving && (restless || now - asked < quiet)) return state.later(look, quiet / 4);
    watcher.disconnect();
    const { leaving } = state;
    state.leaving = '';
    return resolve(leaving);
  })();
})
