/** The two people who can log in, alice and bob. Their passwords come from the environment. */

import { createHash, timingSafeEqual } from 'node:crypto';

// timingSafeEqual needs equal lengths. A server with a user database would keep salted, slow hashes instead.
const digest = (text) => createHash('sha256').update(text).digest();

/**
 * @param {Record<string, string>} passwords user name -> password
 * @returns an object with `exists(name)`, `passwordIsRight(name, password)` and `find(name)`, which is what
 *   oidc-provider's `findAccount` returns: the account, or undefined when there is no such user
 */
export function makeAccounts(passwords) {
  const digests = new Map(Object.entries(passwords).map(([name, password]) => [name, digest(password)]));
  const exists = (name) => digests.has(name);
  return {
    exists,
    passwordIsRight: (name, password) => exists(name) && timingSafeEqual(digest(password), digests.get(name)),
    find(name) {
      return exists(name) ? { accountId: name, claims: () => ({ sub: name, preferred_username: name }) } : undefined;
    },
  };
}
