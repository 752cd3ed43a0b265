/**
 * Passwords: which are good enough, and how they are kept.
 *
 * Rules follow NIST SP 800-63B (5.1.1.2) and OWASP ASVS 5.0 (6.2): length decides, 12 to 128 characters; nothing is said about
 * kinds of characters; what everybody tries first, and what is made of the user's own name, is refused. A password is compared in
 * Unicode's compatibility form (NFKC), so that it is the same on every keyboard, and is never cut.
 *
 * It is kept as scrypt with N = 2^17, r = 8, p = 1: 128 MiB and some tenths of a second of one core for each guess. node:crypto
 * computes it on a thread of its own, so that pages go on meanwhile. Two are computed at once; the others wait in a fair order, each
 * network in its turn and who is signed in apart from them, and beyond some number they are refused: a flood of sign-ins takes neither
 * all memory nor all cores, and keeps nobody else out.
 *
 * A hash says by what it was made: `$scrypt$ln=17,r=8,p=1$salt$hash`, both in base64 without padding. So the cost can grow later:
 * {@linkcode needsRehash} says of a password that was just right whether it must be hashed anew.
 *
 * @module
 */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { addressGroup, userNameKey } from "../domain/mod.ts";
import { isCommonPassword } from "./_common.ts";
import { type Cost, costOfHash } from "./_cost.ts";
import { FairQueue } from "./fair_queue.ts";

export type { Cost } from "./_cost.ts";

/** Fewest characters of a password, in Unicode code points. */
const PASSWORD_MIN = 12;
/** Most characters of a password. */
const PASSWORD_MAX = 128;

/**
 * Two at once, because each takes 128 MiB; a hundred that wait are about half a minute of work. Sixty of one network: behind one
 * address a whole office signs in at once, and another network still gets a place of theirs.
 */
const QUEUE = new FairQueue({ atOnce: 2, strangers: 100, ofGroup: 60, known: 100 });

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** The most that a hash in the database may ask for; a damaged one must not take all memory. */
const MOST_MEMORY = 256 * 2 ** 20;

/** The hash of a password that nobody has: verifying against it takes as long as against any other. */
const NOBODY = {
  salt: new Uint8Array(SALT_BYTES),
  hash: new Uint8Array(HASH_BYTES),
};

const HASH_FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([0-9A-Za-z+/]{22})\$([0-9A-Za-z+/]{43})$/;

/** The problem of a new password of the user `name`, as a sentence; null: it has none. */
export function problemOfPassword(password: string, name: string): string | null {
  const text = normalized(password);
  const length = [...text].length;
  const expected = `expected ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`;
  if (length < PASSWORD_MIN || length > PASSWORD_MAX) return `found ${length} characters, ${expected}`;
  if (isCommonPassword(text)) {
    return "is among those that everybody tries first; choose another, such as four random words";
  }
  const [key, without] = [userNameKey(name), userNameKey(text).replaceAll(userNameKey(name), "")];
  if (key !== "" && userNameKey(text).includes(key) && [...without].length < PASSWORD_MIN / 2) {
    return "is little more than the user's name; choose another, such as four random words";
  }
  return null;
}

/**
 * For whom a password is hashed: the address of a stranger who signs in; null: of who is signed in, or uses jobctl. Strangers of one
 * network wait for one another: of IPv6 the first 48 bits, more than which nobody gets.
 */
export type HashedFor = string | null;

/** The hash of a new password. @throws {Busy} when too many wait already. */
export async function hashPassword(password: string, cost: Cost = costOfHash(), by: HashedFor = null): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost, by);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;
}

/**
 * Whether `password` is the one of `stored`. Null stands for a user who does not exist or has no password: it takes the same time,
 * and is false. A stored text that is no hash counts as none.
 *
 * @throws {Busy} when too many wait already.
 */
export async function verifyPassword(password: string, stored: string | null, by: HashedFor = null): Promise<boolean> {
  const known = stored === null ? null : parseHash(stored);
  const { cost, salt, hash } = known ?? { ...NOBODY, cost: costOfHash() };
  const found = await derive(password, salt, cost, by);
  return timingSafeEqual(found, hash) && known !== null;
}

/** Whether `stored` was made at another cost than new hashes are. */
export function needsRehash(stored: string): boolean {
  const [cost, wanted] = [parseHash(stored)?.cost, costOfHash()];
  return cost?.ln !== wanted.ln || cost.r !== wanted.r || cost.p !== wanted.p;
}

interface ParsedHash {
  readonly cost: Cost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

function parseHash(stored: string): ParsedHash | null {
  const found = HASH_FORM.exec(stored);
  if (found === null) return null;
  const [, ln, r, p, salt = "", hash = ""] = found;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const isPossible = cost.ln >= 1 && cost.r >= 1 && cost.p >= 1 && cost.p <= 4 && memoryOf(cost) <= MOST_MEMORY;
  return isPossible ? { cost, salt: Uint8Array.fromBase64(salt), hash: Uint8Array.fromBase64(hash) } : null;
}

/** Runs scrypt once it is this one's turn. */
async function derive(password: string, salt: Uint8Array, cost: Cost, by: HashedFor): Promise<Uint8Array> {
  const group = by === null ? null : addressGroup(by, 48);
  return await QUEUE.run(group, () => compute(normalized(password), salt, cost));
}

function compute(password: string, salt: Uint8Array, cost: Cost): Promise<Uint8Array> {
  const { ln, r, p } = cost;
  return new Promise((resolve, reject) => {
    const options = { N: 2 ** ln, r, p, maxmem: memoryOf(cost) + 2 ** 20 };
    scrypt(password, salt, HASH_BYTES, options, (error, key) => error === null ? resolve(key) : reject(error));
  });
}

function memoryOf({ ln, r, p }: Cost): number {
  return 128 * r * (2 ** ln + p);
}

function normalized(password: string): string {
  return password.normalize("NFKC");
}

function base64(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true });
}
