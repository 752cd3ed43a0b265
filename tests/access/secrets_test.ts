import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { hashOf, isApiToken, isSecret, newApiToken, newSecret, prefixOf } from "../../shared/access/mod.ts";

Deno.test("a secret has 256 random bits and is never the same", () => {
  const secrets = new Set(Array.from({ length: 1000 }, newSecret));
  assert.equal(secrets.size, 1000);
  for (const secret of secrets) assert.equal(Uint8Array.fromBase64(secret, { alphabet: "base64url" }).length, 32);
});

Deno.test("an API token has one form, and its prefix shows four of its random characters", () => {
  const tokens = new Set(Array.from({ length: 1000 }, newApiToken));
  assert.equal(tokens.size, 1000);
  for (const token of tokens) {
    assert.match(token, /^jtp_[0-9A-Za-z]{49}$/);
    assert.ok(isApiToken(token));
    assert.equal(prefixOf(token), token.slice(0, 8));
  }
});

Deno.test("an API token ends with the CRC-32 of the rest in base 62", () => {
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const token = newApiToken();
  const value = [...token.slice(-6)].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0);
  assert.equal(value, crc32(token.slice(0, -6)));
});

Deno.test("a mistyped API token is refused without a database", () => {
  const token = newApiToken();
  const swapped = [...token];
  for (let index = 4; index < token.length; index++) {
    const typed = [...token];
    typed[index] = typed[index] === "a" ? "b" : "a";
    assert.equal(isApiToken(typed.join("")), false, `character ${index}`);
  }
  swapped.splice(4, 2, ...token.slice(4, 6).split("").toReversed());
  if (swapped.join("") !== token) assert.equal(isApiToken(swapped.join("")), false);
  for (const text of ["", "jtp_", ` ${token}`, `${token}\n`, token.slice(0, -1), token.toUpperCase(), `x${token}`]) {
    assert.equal(isApiToken(text), false, JSON.stringify(text));
  }
});

Deno.test("a secret is known by its hash, which does not tell it", () => {
  const secret = newSecret();
  const hash = hashOf(secret);
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.deepEqual([isSecret(secret, hash), isSecret(newSecret(), hash), isSecret(secret, ""), isSecret("", hash)], [
    true,
    false,
    false,
    false,
  ]);
});
