import assert from "node:assert/strict";
import { RateLimits } from "../../../app/server/api/rate_limits.ts";

function given() {
  const state = { now: 0 };
  const limits = new RateLimits<string>("requests", { monotonic: () => state.now });
  return { state, take: (key = "a", limit = 60) => limits.take(key, limit) };
}

Deno.test("a bucket holds its limit, fills in a minute, and says when the next request may come", () => {
  const { state, take } = given();
  assert.equal(take().headers["ratelimit"], '"requests";r=59;t=1');
  const answers = Array.from({ length: 60 }, () => take());
  assert.equal(answers.filter(({ isAllowed }) => isAllowed).length, 59);
  assert.deepEqual(answers.at(-1)?.headers, {
    "ratelimit-policy": '"requests";q=60;w=60',
    ratelimit: '"requests";r=0;t=60',
    "retry-after": "1",
  });
  state.now = 999;
  assert.equal(take().isAllowed, false);
  state.now = 1000;
  assert.deepEqual([take().isAllowed, take().isAllowed], [true, false]);
  state.now = 600_000;
  assert.equal(take().headers["ratelimit"], '"requests";r=59;t=1', "it holds no more than its limit");
});

Deno.test("each key has a bucket of its own; of more than 10,000 the one that was used longest ago is forgotten", () => {
  const { take } = given();
  assert.equal(take("a", 1).isAllowed, true);
  assert.equal(take("b", 1).isAllowed, true);
  for (let i = 0; i < 9_998; i++) take(`key ${i}`, 1);
  assert.equal(take("b", 1).isAllowed, false);
  take("one more", 1);
  take("another", 1);
  assert.equal(take("b", 1).isAllowed, false, "it was used later than all but two");
  assert.equal(take("a", 1).isAllowed, true, "its bucket was forgotten");
});
