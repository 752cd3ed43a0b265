import assert from "node:assert/strict";
import { createJob } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { at, MINUTELY } from "../store/_given.ts";
import { run } from "./_cli.ts";
import { onEachReach } from "./_reach.ts";

onEachReach("jobctl makes channels and rules, and lists, acknowledges and snoozes incidents", async (open) => {
  await using test = await open();
  const { store, env } = test;
  const jobctl = (...args: readonly string[]) => run(args, { env });
  await createJob(operating(store, at(1)), { ...MINUTELY, key: "nightly" });
  const url = "https://hooks.example.com/do-not-show";
  assert.match(
    (await jobctl("alert-channels", "add", "ops", "slack", url)).stdout,
    /^alert channel 1 "ops" was made\n$/,
  );
  const signed = await run(["alert-channels", "add", "ci", "webhook", "-"], { env, stdin: `${url}\n` });
  assert.match(signed.stdout, /^alert channel 2 "ci" was made; its secret:\nwhsec_[\w+/=]+\n$/);
  for (
    const [stdin, problem] of [["", "url: found nothing on"], [`${url}\n`, "token: found no line 2 on"]] as const
  ) {
    const { code, stderr } = await run(["alert-channels", "add", "x", "ntfy", "-", "--token", "-"], { env, stdin });
    assert.deepEqual([code, stderr.startsWith(`jobctl: ${problem} standard input`)], [2, true], stderr);
  }
  const listed = await jobctl("alert-channels", "list");
  assert.match(listed.stdout, /^2\tci\tenabled\twebhook\thttps:\/\/hooks\.example\.com\/…\t-\n1\tops\t/);
  const typed = await run(["alert-channels", "add", "typed", "ping"], { env, typed: [url] });
  assert.equal(typed.stdout, 'alert channel 3 "typed" was made\n');
  const piped = { env, stdin: `${url}\nwhsec_${"a".repeat(32)}\n` };
  const own = await run(["alert-channels", "add", "own", "webhook", "--token", "-"], piped);
  assert.equal(own.stdout, 'alert channel 4 "own" was made\n', "its own token is not shown");
  await jobctl("alert-channels", "delete", "own");
  await jobctl("alert-channels", "delete", "typed");
  assert.match((await jobctl("alert-channels", "test", "ops")).stdout, /^delivery 1 was written/);
  assert.match(
    (await jobctl("alert-channels", "deliveries")).stdout,
    /^1\tops\ttest\t.*\t0\twaits\tTest of an alert channel\t-\n$/,
  );
  assert.equal((await jobctl("alert-channels", "disable", "ci")).stdout, 'alert channel 2 "ci" is disabled\n');

  const rule = ["Long", "runs_over", "1h", "--job", "nightly", "--channel", "ops"];
  const quiet = ["--remind", "4h", "--quiet", "22:00-07:00@Europe/Berlin"];
  assert.equal((await jobctl("alert-rules", "add", ...rule, ...quiet)).stdout, 'alert rule 1 "Long" was made\n');
  assert.equal(
    (await jobctl("alert-rules", "list")).stdout,
    "1\tLong\tenabled\tjob 1\truns for longer than 1 hour\tops\tevery 14400 s\n",
  );
  const wrong = await jobctl("alert-rules", "add", "X", "failures", "0", "--channel", "ops");
  assert.deepEqual([wrong.code, wrong.stderr], [
    2,
    "jobctl: [limit]: found 0, expected a whole number of times from 1 to 1000\n",
  ]);
  const nowhere = await jobctl("alert-rules", "add", "X", "failures");
  assert.match(nowhere.stderr, /^jobctl: --channel: found 0 channels/);
  await jobctl("alert-rules", "disable", "1");
  assert.equal((await jobctl("alert-rules", "enable", "1")).stdout, 'alert rule 1 "Long" is enabled\n');

  const edited = ["--limit", "90m", "--no-remind", "--name", "Longer"];
  assert.equal((await jobctl("alert-rules", "edit", "1", ...edited)).stdout, 'alert rule 1 "Longer" was changed\n');
  assert.equal(
    (await jobctl("alert-rules", "list", "--job", "nightly")).stdout,
    "1\tLonger\tenabled\tjob 1\truns for longer than 1 hour 30 minutes\tops\t-\n",
  );
  const toAll = ["--all-jobs", "--condition", "failures", "--no-quiet"];
  await jobctl("alert-rules", "edit", "1", ...toAll);
  assert.match((await jobctl("alert-rules", "list")).stdout, /^1\tLonger\tenabled\tall jobs\tfails\tops\t-\n$/);
  const refused = await jobctl("alert-rules", "edit", "1", "--channel", "nowhere");
  assert.match(refused.stderr, /^jobctl: --channel: found "nowhere"/);
  await jobctl(
    "alert-rules",
    "edit",
    "1",
    "--job",
    "nightly",
    "--condition",
    "runs_over",
    "--name",
    "Long",
    "--quiet",
    "22:00-07:00@Europe/Berlin",
  );
  assert.match((await jobctl("alert-rules", "test", "1")).stdout, /^tests were written to ops; /);
  assert.equal((await jobctl("alert-rules", "test", "7")).code, 5);

  const [made] = await store.alerts.rules();
  assert.ok(made !== undefined);
  const [job] = await store.jobs.find("nightly");
  assert.ok(job !== undefined && made.quiet?.from === 22 * 60);
  const finding = {
    jobId: job.id,
    jobName: job.name,
    isBroken: true,
    message: "A run is long.",
    at: at(2),
    isEvent: false,
  };
  await store.alerts.settle([{ rule: made, findings: [finding], isWhole: false }], at(2));
  assert.match((await jobctl("alerts", "list")).stdout, /^1\topen\tLong\t1 Minutely\t.*\t1\tA run is long\.\n$/);
  assert.equal((await jobctl("alerts", "snooze", "1", "2h")).stdout, 'incident 1 "Long" is silent for a while\n');
  assert.equal((await jobctl("alerts", "ack", "1")).stdout, 'incident 1 "Long" was acknowledged\n');
  assert.match((await jobctl("alerts", "list")).stdout, /^1\tacknowledged\t/);
  await jobctl("alert-rules", "delete", "1");
  assert.match((await jobctl("alerts", "list", "--closed")).stdout, /^1\tclosed\t/);
  assert.equal((await jobctl("alerts", "ack", "1")).code, 6);
  assert.equal((await jobctl("alert-channels", "delete", "ops")).stdout, 'alert channel 1 "ops" was deleted\n');
  assert.equal((await jobctl("alert-channels", "delete", "ops")).code, 5);

  await jobctl("alert-rules", "add", "Any", "failures", "--channel", "ci");
  await jobctl("alert-channels", "delete", "ci");
  for (const verb of ["disable", "enable"]) {
    assert.equal((await jobctl("alert-rules", verb, "2")).stdout, `alert rule 2 "Any" is ${verb}d\n`);
  }
  assert.match(
    (await jobctl("alert-rules", "edit", "2", "--name", "All")).stderr,
    /^jobctl: --channel: found 0 channels/,
  );
});
