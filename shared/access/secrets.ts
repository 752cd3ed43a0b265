/**
 * Secrets of sessions, devices and API tokens: 256 random bits each. A database keeps their SHA-256 only; with so many random bits
 * no slower hash is needed, because nobody can try them all. A secret is found by its hash through an index: how long that takes
 * says nothing about the secret, because nobody can choose a hash.
 *
 * An API token is `jtp_`, 43 characters of base 62, and a checksum of 6 that covers what stands before it. Scanners of source code
 * find it by its form without false alarms, and a mistyped one is refused without a look into the database.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Random bytes of a secret. */
const BYTES = 32;
/** As many characters of base 62 as 256 bits take: 62^43 > 2^256. */
const BODY_LENGTH = 43;
/** As many as 32 bits take. */
const CHECKSUM_LENGTH = 6;
/** How much of a token people see to recognise it: 4 random characters, so that 233 bits stay unknown. */
const PREFIX_LENGTH = 8;

/** With what every API token begins. */
export const TOKEN_PREFIX = "jtp_";

const TOKEN_FORM = new RegExp(`^${TOKEN_PREFIX}[0-9A-Za-z]{${BODY_LENGTH + CHECKSUM_LENGTH}}$`);

/** A new secret, as text that fits an address and a cookie. */
export function newSecret(): string {
  return randomBytes(BYTES).toString("base64url");
}

/** A new API token. */
export function newApiToken(): string {
  const body = TOKEN_PREFIX + base62(BigInt(`0x${randomBytes(BYTES).toString("hex")}`), BODY_LENGTH);
  return body + checksumOf(body);
}

/** Whether `text` has the form of an API token and its checksum fits; whether there is such a token, only a database knows. */
export function isApiToken(text: string): boolean {
  return TOKEN_FORM.test(text) && text.endsWith(checksumOf(text.slice(0, -CHECKSUM_LENGTH)));
}

/** The part of a token that lists show: `jtp_x3Kf`. */
export function prefixOf(token: string): string {
  return token.slice(0, PREFIX_LENGTH);
}

/** What is kept of a secret, 64 hexadecimal digits: who reads it learns nothing to sign in with. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Whether `secret` has this hash. The comparison takes the same time wherever the two differ. */
export function isSecret(secret: string, hash: string): boolean {
  const expected = new TextEncoder().encode(hash);
  const found = new TextEncoder().encode(hashOf(secret));
  return expected.length === found.length && timingSafeEqual(found, expected);
}

function checksumOf(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

/** CRC-32 as zip has it. Not that of node:zlib, which loads compression and streams for it: a tenth of a start of jobctl. */
function crc32(text: string): number {
  let rest = ~0;
  for (const byte of new TextEncoder().encode(text)) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb8_8320 : 0);
  }
  return ~rest >>> 0;
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = BASE62.charAt(Number(rest % 62n)) + text;
  return text;
}
