import assert from "node:assert/strict";
import { DEFAULT_POLICIES, epochMs, type ExecutionStatus, jobId } from "@jobtrigger/shared/domain";
import { decideRetry, decideRetryOfLost, retryDelayMs } from "@jobtrigger/shared/policy";

const { retry } = DEFAULT_POLICIES;
const at = epochMs(Date.parse("2026-11-24T09:00:00Z"));

const cases: [name: string, execution: ExecutionStatus, retryCount: number, maxRetries: number, isRetried: boolean][] =
  [
    ["retries a failure", "FAILURE", 0, 3, true],
    ["retries a timeout", "TIMEOUT", 2, 3, true],
    ["does not retry beyond the limit", "FAILURE", 3, 3, false],
    ["does not retry when no retries are granted", "TIMEOUT", 0, 0, false],
    ["does not retry a script that could not be started", "ERROR", 0, 3, false],
    ["does not retry a cancelled run", "CANCELLED", 0, 3, false],
    ["does not retry a success", "SUCCESS", 0, 3, false],
  ];
for (const [name, execution, retryCount, maxRetries, isRetried] of cases) {
  Deno.test(`decideRetry() ${name}`, () => {
    const attempt = { jobId: jobId(1), scheduledFor: at, retryCount, execution, endedAt: at };
    const ofJob = decideRetry({ ...attempt, retry: { ...retry, max: maxRetries } }, 77);
    const retryAt = decideRetry({ ...attempt, retry: { ...retry, max: null } }, maxRetries);
    assert.equal(ofJob, retryAt, "the job's own limit, else the service's");
    assert.equal(retryAt !== null, isRetried);
    if (retryAt !== null) assert.ok(retryAt > at);
  });
}

for (const [losses, max, isRetried] of [[1, 3, true], [1, 0, false], [2, 3, false], [3, 99, false]] as const) {
  Deno.test(`decideRetryOfLost() ${isRetried ? "retries" : "does not retry"} loss ${losses} with ${max} retries`, () => {
    const lost = { jobId: jobId(1), scheduledFor: at, retryCount: losses - 1, retry: { ...retry, max }, endedAt: at };
    assert.equal(decideRetryOfLost({ ...lost, losses }, 99) !== null, isRetried);
  });
}

const delays: [n: number, seconds: number][] = [[1, 10], [2, 20], [3, 40], [9, 2560], [10, 3600], [100, 3600], [
  2000,
  3600,
]];
for (const [n, seconds] of delays) {
  Deno.test(`retryDelayMs() waits ${seconds} s before retry ${n}, give or take a fifth`, () => {
    for (let job = 1; job <= 200; job++) {
      const delay = retryDelayMs({ jobId: jobId(job), scheduledFor: at, retry }, n);
      assert.ok(delay >= seconds * 800 && delay <= seconds * 1200, `${delay}`);
    }
  });
}

Deno.test("retryDelayMs() spreads jobs that failed together over the whole jitter", () => {
  const delays = Array.from(
    { length: 1000 },
    (_, index) => retryDelayMs({ jobId: jobId(index + 1), scheduledFor: at, retry }, 1),
  );
  assert.ok(Math.min(...delays) < 8100, "some come early");
  assert.ok(Math.max(...delays) > 11_900, "some come late");
  assert.ok(new Set(delays).size > 800, "few meet");
});

Deno.test("retryDelayMs() answers the same for the same retry", () => {
  assert.equal(
    retryDelayMs({ jobId: jobId(7), scheduledFor: at, retry }, 2),
    retryDelayMs({ jobId: jobId(7), scheduledFor: at, retry }, 2),
  );
});

Deno.test("retryDelayMs() follows the base and the cap of the job", () => {
  const delay = (n: number) =>
    retryDelayMs({ jobId: jobId(7), scheduledFor: at, retry: { max: null, baseSeconds: 1, capSeconds: 5 } }, n);
  const near = (ms: number, seconds: number) => assert.ok(Math.abs(ms - seconds * 1000) <= seconds * 200, `${ms}`);
  near(delay(1), 1);
  near(delay(3), 4);
  near(delay(4), 5);
});
