import assert from "node:assert/strict";

/** Runs a program that logs a little and exits at once, and answers its output. */
async function speak(env: Readonly<Record<string, string>>): Promise<{ stdout: string; lines: string[] }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-env", "--allow-read", "tests/log/_speak.ts"],
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "1", ...env },
  }).output();
  assert.equal(code, 3);
  return {
    stdout: new TextDecoder().decode(stdout),
    lines: new TextDecoder().decode(stderr).trimEnd().split("\n"),
  };
}

Deno.test("the log is one JSON object a line on standard error where no terminal reads it", async () => {
  const { stdout, lines } = await speak({});
  assert.equal(stdout, "");
  const entries = lines.map((line) => JSON.parse(line));
  assert.deepEqual(entries.map(({ level, logger }) => [level, logger]), [
    ["INFO", "jtp.worker"],
    ["INFO", "jtp.worker"],
    ["WARN", "jtp.worker"],
    ["WARN", "jtp.worker"],
    ["ERROR", "jtp.worker"],
  ]);
  assert.deepEqual(entries[0].properties, { run: 7, job: 1, script: "a\nb\u001b[31m.sh" });
  assert.match(entries[0]["@timestamp"], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(entries[2].properties, { what: { deep: ["er"] } });
});

Deno.test("the log keeps an error's name, message and stack", async () => {
  const { lines } = await speak({ LOG_LEVEL: "error" });
  assert.equal(lines.length, 1);
  const { message, properties: { error } } = JSON.parse(lines[0] ?? "");
  assert.equal(message, 'It failed: "TypeError: no such thing"');
  assert.deepEqual([error.name, error.message], ["TypeError", "no such thing"]);
  assert.match(error.stack, /_speak\.ts:\d+/);
});

Deno.test("control characters in the log as text reach no terminal", async () => {
  const { lines } = await speak({ LOG_FORMAT: "text", LOG_LEVEL: "debug" });
  const text = lines.join("\n");
  assert.match(lines[0] ?? "", /^\d\d:\d\d:\d\d.* worker: A detail$/);
  assert.match(lines[1] ?? "", /worker: Run 7 of job 1 starts: a\\nb\\u001b\[31m\.sh$/, "texts stand without quotes");
  assert.ok(lines.some((line) => line.endsWith("worker: Run 8 ended [0b4f]")), text);
  assert.ok(!text.includes("\x1b"), text);
  assert.match(text, /TypeError: no such thing/);
});

Deno.test("messages logged right before the process exits are written", async () => {
  const { lines } = await speak({ LOG_FORMAT: "json" });
  assert.match(lines.at(-1) ?? "", /It failed/);
});

Deno.test("characters that change the direction of text are escaped in the log, in both formats", async () => {
  for (const LOG_FORMAT of ["json", "text"]) {
    const { lines } = await speak({ LOG_FORMAT });
    const line = lines.find((line) => line.includes("Turned")) ?? "";
    assert.match(line, /a\\u202eb\\u2028c/);
    assert.doesNotMatch(line, /[\u202e\u2028]/);
  }
});
