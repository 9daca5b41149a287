/**
 * Storage in memory for oidc-provider: everything that it keeps, until it expires or the process ends.
 *
 * The library's own in-memory adapter forgets the records used least recently once it holds some thousand, so a browser
 * that rests while another one is busy would lose its session. Records are kept as JSON text, as a database would keep
 * them: nobody holds a live reference.
 */

const SWEEP_EVERY = 1_000; // writes

/** Makes one store; returns what oidc-provider's `adapter` option takes: a function, model name -> adapter. */
export function memoryAdapter() {
  const records = new Map(); // "Model:id" -> { json, expires: milliseconds since the epoch }
  const sessionIds = new Map(); // session uid -> session id
  const grantMembers = new Map(); // grant id -> Set of record keys
  let writes = 0;

  function forget(key) {
    const record = records.get(key);
    if (!record) return;
    records.delete(key);
    const { uid, jti, grantId } = JSON.parse(record.json);
    if (sessionIds.get(uid) === jti) sessionIds.delete(uid);
    const members = grantMembers.get(grantId);
    members?.delete(key);
    if (members?.size === 0) grantMembers.delete(grantId);
  }

  function sweep() {
    const now = Date.now();
    for (const [key, { expires }] of records) if (expires <= now) forget(key);
  }

  function read(key) {
    const record = records.get(key);
    return record && record.expires > Date.now() ? JSON.parse(record.json) : undefined;
  }

  return (model) => {
    const keyOf = (id) => `${model}:${id}`;
    return {
      /** Stores a record for `expiresIn` seconds. */
      async upsert(id, payload, expiresIn = Infinity) {
        const key = keyOf(id);
        records.set(key, { json: JSON.stringify(payload), expires: Date.now() + expiresIn * 1000 });
        if (model === 'Session') sessionIds.set(payload.uid, id);
        // Not for the interaction: it only mentions a grant, it is not given up with it.
        if (payload.grantId && model !== 'Interaction') {
          if (!grantMembers.has(payload.grantId)) grantMembers.set(payload.grantId, new Set());
          grantMembers.get(payload.grantId).add(key);
        }
        writes += 1;
        if (writes % SWEEP_EVERY === 0) sweep();
      },
      async find(id) {
        return read(keyOf(id));
      },
      async findByUid(uid) {
        return sessionIds.has(uid) ? read(keyOf(sessionIds.get(uid))) : undefined;
      },
      async findByUserCode() {
        return undefined; // The device flow is not switched on.
      },
      /** Marks a single-use record as used: find and mark happen without giving way to another request. */
      async consume(id) {
        const key = keyOf(id);
        const record = records.get(key);
        if (!record) return;
        const consumed = Math.floor(Date.now() / 1000);
        records.set(key, { ...record, json: JSON.stringify({ ...JSON.parse(record.json), consumed }) });
      },
      async destroy(id) {
        forget(keyOf(id));
      },
      /** Ends every token of a grant, whatever its model is. */
      async revokeByGrantId(grantId) {
        for (const key of [...(grantMembers.get(grantId) ?? [])]) forget(key);
      },
    };
  };
}
