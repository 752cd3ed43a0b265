/**
 * What hashing a password costs in tests. The full cost is some tenths of a second of one core for each hash, which is the subject
 * of few tests.
 *
 * @module
 */
import { FULL_COST, setCostOfHash } from "../../shared/access/_cost.ts";

/** Not the cost of the hashes that tests write themselves, so that those are hashed anew, as after a change of the full cost. */
const CHEAP = { ln: 5, r: 8, p: 1 };

let open = 0;

/** Hashes at next to no cost, until the last disposal. */
export function cheapPasswords(): Disposable {
  open += 1;
  setCostOfHash(CHEAP);
  return {
    [Symbol.dispose]() {
      open -= 1;
      if (open === 0) setCostOfHash(FULL_COST);
    },
  };
}

/** Hashes at the full cost again, until its disposal. */
export function fullPasswords(): Disposable {
  setCostOfHash(FULL_COST);
  return { [Symbol.dispose]: () => setCostOfHash(open === 0 ? FULL_COST : CHEAP) };
}
