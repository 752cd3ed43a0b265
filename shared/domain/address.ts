/**
 * Whose an address is, as far as limits go: an IPv4 address itself; of an IPv6 address the first bits, because whoever has one has
 * all that begin with them. One machine has 64 bits of its own; a provider gives a customer up to 48. What is no address stands for
 * itself.
 *
 * @example
 * ```ts
 * import { addressGroup } from "@jobtrigger/shared/domain";
 * import assert from "node:assert/strict";
 *
 * assert.equal(addressGroup("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
 * assert.equal(addressGroup("2001:db8:1:2:3::4", 48), "2001:db8:1::/48");
 * assert.equal(addressGroup("::ffff:192.0.2.1"), "192.0.2.1");
 * ```
 */
export function addressGroup(address: string, bits: 48 | 64 = 64): string {
  const bare = address.replace(/%.*$/, "");
  if (!bare.includes(":") || !URL.canParse(`http://[${bare}]/`)) return bare;
  // The URL parser writes IPv6 addresses in one form, the embedded IPv4 address of `::ffff:192.0.2.1` in hexadecimal too.
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped !== null) {
    const [high = 0, low = 0] = mapped.slice(1).map((part) => parseInt(part, 16));
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  const [head = "", tail = null] = canonical.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === null || tail === "" ? [] : tail.split(":");
  const groups = tail === null
    ? first
    : [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  return `${groups.slice(0, bits / 16).join(":")}::/${bits}`;
}
