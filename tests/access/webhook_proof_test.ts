import assert from "node:assert/strict";
import {
  deliveryId,
  newWebhookSecret,
  proves,
  TIMESTAMP_TOLERANCE_MS,
  type WebhookKey,
} from "../../shared/access/mod.ts";
import { signDelivery } from "../../shared/access/webhook_proof.ts";
import { epochMs, WEBHOOK_KINDS } from "../../shared/domain/mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** The example of the Standard Webhooks libraries. */
const EXAMPLE = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  at: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

/** The example of GitHub's documentation. */
const GITHUB = {
  secret: "It's a Secret to Everybody",
  body: "Hello, World!",
  signature: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
};

function standard(changed: Partial<typeof EXAMPLE> = {}) {
  const { id, at, body, signature } = { ...EXAMPLE, ...changed };
  const headers = new Headers({
    "webhook-id": id,
    "webhook-timestamp": String(at),
    "webhook-signature": signature,
  });
  return { headers, body: bytes(body) };
}

const KEY: WebhookKey = { kind: "standard", secret: EXAMPLE.secret };
const NOW = epochMs(EXAMPLE.at * 1000);

Deno.test("a delivery as Standard Webhooks signs it proves its sender, and no changed one does", () => {
  const sign = (changed: Partial<typeof EXAMPLE>) => standard(changed);
  assert.equal(proves(KEY, sign({}), NOW), true);
  assert.equal(proves(KEY, sign({ signature: `v1,other v2,other ${EXAMPLE.signature}` }), NOW), true);
  assert.equal(proves(KEY, sign({ body: `${EXAMPLE.body} ` }), NOW), false);
  assert.equal(proves(KEY, sign({ id: "msg_other" }), NOW), false);
  assert.equal(proves(KEY, sign({ at: EXAMPLE.at + 1 }), NOW), false);
  assert.equal(proves(KEY, sign({ signature: EXAMPLE.signature.replace("v1,", "v2,") }), NOW), false);
  assert.equal(proves({ ...KEY, secret: "whsec_AAAA" }, sign({}), NOW), false);
});

Deno.test("an id of more than 200 characters, and a signature behind five others, prove nothing", () => {
  const named = (id: string) =>
    standard({ id, signature: signDelivery(EXAMPLE.secret, { id, at: String(EXAMPLE.at), body: EXAMPLE.body }) });
  assert.equal(proves(KEY, named("m".repeat(200)), NOW), true);
  assert.equal(proves(KEY, named("m".repeat(201)), NOW), false);
  const behind = (others: number) => standard({ signature: `${"v1,other ".repeat(others)}${EXAMPLE.signature}` });
  assert.equal(proves(KEY, behind(4), NOW), true);
  assert.equal(proves(KEY, behind(5), NOW), false);
});

Deno.test("a delivery that was signed too long ago, or is signed for later, proves nothing", () => {
  for (
    const [passed, isRight] of [[0, true], [TIMESTAMP_TOLERANCE_MS, true], [TIMESTAMP_TOLERANCE_MS + 1, false]] as const
  ) {
    for (const direction of [1, -1]) {
      assert.equal(proves(KEY, standard(), epochMs(NOW + direction * passed)), isRight, `${passed}`);
    }
  }
});

Deno.test("a delivery as GitHub signs it proves its sender, and a changed one does not", () => {
  const key: WebhookKey = { kind: "github", secret: GITHUB.secret };
  const delivery = (signature: string, body = GITHUB.body) => ({
    headers: new Headers({ "x-hub-signature-256": signature }),
    body: bytes(body),
  });
  assert.equal(proves(key, delivery(GITHUB.signature), NOW), true);
  assert.equal(proves(key, delivery(GITHUB.signature, "Hello, World"), NOW), false);
  assert.equal(proves(key, delivery(GITHUB.signature.slice(7)), NOW), false);
  assert.equal(proves(key, delivery(""), NOW), false);
});

Deno.test("a new secret of each kind proves its own kind alone", () => {
  for (const kind of WEBHOOK_KINDS) {
    const { shown, kept, prefix } = newWebhookSecret(kind);
    assert.ok(shown.startsWith(prefix) && prefix.length < 12 && shown.length >= 40);
    const bearer = { headers: new Headers({ authorization: `Bearer ${shown}` }), body: bytes("") };
    assert.equal(proves({ kind, secret: kept }, bearer, NOW), kind === "token");
    const stored = { headers: new Headers({ authorization: `Bearer ${kept}` }), body: bytes("") };
    assert.equal(proves({ kind, secret: kept }, stored, NOW), false, "what the database has signs nobody in");
  }
});

Deno.test("a delivery is named by what its kind of sender names it", () => {
  const headers = new Headers({ "webhook-id": "a", "x-github-delivery": "b", "idempotency-key": "c" });
  const names = WEBHOOK_KINDS.map((kind) => deliveryId(kind, headers));
  assert.equal(new Set(names).size, 3);
  assert.equal(deliveryId("token", new Headers()), null);
});
