import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A new secret of 256 random bits, as text that fits an address and a cookie. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a secret: who reads it learns nothing to sign in with. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Whether `secret` has this hash. The comparison takes the same time wherever the two differ. */
export function isSecret(secret: string, hash: string): boolean {
  return timingSafeEqual(new TextEncoder().encode(hashOf(secret)), new TextEncoder().encode(hash));
}
