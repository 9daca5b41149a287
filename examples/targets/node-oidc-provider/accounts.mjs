/** The two people who can log in with a password, alice and bob, and those who have come from the upstream provider. */

import { createHash, timingSafeEqual } from 'node:crypto';

// timingSafeEqual needs equal lengths. A server with a user database would keep salted, slow hashes instead.
const digest = (text) => createHash('sha256').update(text).digest();

/**
 * @param {Record<string, string>} passwords user name -> password
 * @returns an object with `exists(name)`, `passwordIsRight(name, password)`, `find(id)`, which is what oidc-provider's
 *   `findAccount` returns: the account, or undefined when there is no such user, and `admit(name, subject)`: the id of
 *   the upstream's user, or undefined when there is no name or it belongs to another subject there
 */
export function makeAccounts(passwords) {
  const digests = new Map(Object.entries(passwords).map(([name, password]) => [name, digest(password)]));
  const exists = (name) => digests.has(name);
  const subjects = new Map(); // id of a user from upstream -> subject there
  return {
    exists,
    passwordIsRight: (name, password) => exists(name) && timingSafeEqual(digest(password), digests.get(name)),
    find(id) {
      if (!exists(id) && !subjects.has(id)) return undefined;
      return { accountId: id, claims: () => ({ sub: id, preferred_username: id }) };
    },
    admit(name, subject) {
      const id = `${name}@upstream`;
      if (!name || (subjects.has(id) && subjects.get(id) !== subject)) return undefined;
      subjects.set(id, subject);
      return id;
    },
  };
}
