/**
 * How a delivery to a webhook proves who sent it.
 *
 * | kind       | the sender sends                                                                    | kept of the secret |
 * | ---------- | ----------------------------------------------------------------------------------- | ------------------ |
 * | `token`    | `Authorization: Bearer jth_…`                                                       | its SHA-256        |
 * | `github`   | `X-Hub-Signature-256: sha256=…`, the HMAC of the body                               | the secret         |
 * | `standard` | `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,…`, the HMAC of the    | the secret         |
 * |            | three (Standard Webhooks 1.0)                                                       |                    |
 *
 * A webhook takes one kind alone, so that nobody gets in by a weaker one. Every check of {@linkcode proves} is carried out for each
 * delivery, whatever the kind and whether or not there is such a webhook: how long the answer takes says nothing about that.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { EpochMs, WebhookKind } from "../domain/mod.ts";
import { hashOf, isSecret, newApiToken, newSecret, TOKEN_PREFIX } from "./secrets.ts";

/** How far the clock of a sender may be from the database's: Standard Webhooks leaves it open, all its libraries take 5 minutes. */
export const TIMESTAMP_TOLERANCE_MS = 300_000;

/** With what the secret of each kind begins. */
const PREFIXES: Readonly<Record<WebhookKind, string>> = { token: "jth_", github: "", standard: "whsec_" };

/** Random bytes of an address: nobody finds one by trying. */
const ADDRESS_BYTES = 16;

/** Longest id of a delivery. */
const DELIVERY_MAX = 200;

/** A delivery, as it came. */
export interface Delivery {
  /** Its headers. */
  readonly headers: Headers;
  /** Its body, byte for byte. */
  readonly body: Uint8Array;
}

/** The webhook that a delivery names. */
export interface WebhookKey {
  /** How its senders prove who they are. */
  readonly kind: WebhookKind;
  /** Of the kind `token` the hash, else the secret. */
  readonly secret: string;
}

/** Stands for a webhook that is not there: nothing proves anything to it. */
export const NO_WEBHOOK: WebhookKey = { kind: "token", secret: hashOf(newSecret()) };

/** The last part of the address of a new webhook. */
export function newWebhookAddress(): string {
  return randomBytes(ADDRESS_BYTES).toString("base64url");
}

/** A new secret of a kind: what is shown once, what is kept, and by what people recognise it. */
export function newWebhookSecret(
  kind: WebhookKind,
): { readonly shown: string; readonly kept: string; readonly prefix: string } {
  const shown = kind === "token"
    ? PREFIXES.token + newApiToken().slice(TOKEN_PREFIX.length)
    : kind === "github"
    ? newSecret()
    : PREFIXES.standard + randomBytes(32).toString("base64");
  return {
    shown,
    kept: kind === "token" ? hashOf(shown) : shown,
    prefix: shown.slice(0, PREFIXES[kind].length + 4),
  };
}

/** The signature of a delivery of the kind `standard`: Standard Webhooks 1.0. `at` is in seconds since 1970. */
export function signDelivery(
  secret: string,
  { id, at, body }: { readonly id: string; readonly at: string; readonly body: string | Uint8Array },
): string {
  const key = Buffer.from(secret.slice(PREFIXES.standard.length), "base64");
  return `v1,${hmac(key, [`${id}.${at}.`, body]).toString("base64")}`;
}

/** Whether a delivery was sent by who has the secret, and, of the kind `standard`, within {@linkcode TIMESTAMP_TOLERANCE_MS} of `now`. */
export function proves({ kind, secret }: WebhookKey, { headers, body }: Delivery, now: EpochMs): boolean {
  const bearer = /^Bearer +(\S{1,200})$/i.exec(headers.get("authorization") ?? "")?.[1] ?? "";
  const byToken = isSecret(bearer, secret);

  const signed = headers.get("x-hub-signature-256") ?? "";
  const byGithub = isSame(signed, `sha256=${hmac(secret, [body]).toString("hex")}`);

  const [id, at] = [headers.get("webhook-id") ?? "", headers.get("webhook-timestamp") ?? ""];
  const expected = signDelivery(secret, { id, at, body });
  // Several where the sender changes its secret; at most a few, since each is compared.
  const signatures = (headers.get("webhook-signature") ?? "").split(" ").slice(0, 5);
  const isSigned = signatures.filter((signature) => isSame(signature, expected)).length > 0;
  const isInTime = /^\d{1,12}$/.test(at) && Math.abs(Number(at) * 1000 - now) <= TIMESTAMP_TOLERANCE_MS;
  const byStandard = isSigned && isInTime && id !== "" && id.length <= DELIVERY_MAX;

  return kind === "token" ? byToken : kind === "github" ? byGithub : byStandard;
}

/**
 * What names a delivery, so that one that is sent again starts nothing; null: its sender gives it no name. Of the kind `standard`
 * the name is signed; of the others it is what the sender says.
 */
export function deliveryId(kind: WebhookKind, headers: Headers): string | null {
  const name = kind === "standard" ? "webhook-id" : kind === "github" ? "x-github-delivery" : "idempotency-key";
  const id = headers.get(name) ?? headers.get("idempotency-key");
  return id === null || id === "" ? null : hashOf(id).slice(0, 40);
}

function hmac(key: string | Buffer, parts: readonly (string | Uint8Array)[]): Buffer {
  const made = createHmac("sha256", key);
  for (const part of parts) made.update(part);
  return made.digest();
}

/** Compares by hashes of equal length, so that neither length nor content shows in the time. */
function isSame(found: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(found)), Buffer.from(hashOf(expected)));
}
