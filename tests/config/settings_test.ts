import assert from "node:assert/strict";
import { settingsInForce, WEB_KEYS } from "@jobtrigger/shared/config";

const inForce = (values: Readonly<Record<string, string>>) =>
  new Map(settingsInForce(WEB_KEYS, (name) => values[name]).map((setting) => [setting.name, setting]));

Deno.test("settingsInForce() tells what is set and what has its default", () => {
  const settings = inForce({ WEB_PORT: "8100", REFLEX_DB_URL: "sqlite:////srv/jobs.db" });
  assert.deepEqual(
    ["WEB_PORT", "REFLEX_DB_URL", "DISPLAY_TIMEZONE"].map((name) => {
      const setting = settings.get(name);
      return [setting?.value, setting?.isSet];
    }),
    [["8100", true], ["sqlite:////srv/jobs.db", true], ["Asia/Hong_Kong", false]],
  );
});

Deno.test("settingsInForce() repeats no secret", () => {
  const secret = "0123456789abcdef0123456789abcdef";
  for (
    const database of [
      `postgresql://jobs:${secret}@db.example:5433/jobs`,
      `postgres://jobs@db.example:5433/jobs?password=${secret}`,
      `postgresql+asyncpg://jobs:${secret}@db.example:5433/jobs?sslmode=verify-full`,
    ]
  ) {
    const settings = inForce({
      DATABASE_URL: database,
      WEB_PROXY_SECRET: secret,
      WEB_OIDC_CLIENT_SECRET: secret,
      WEB_METRICS_TOKEN: secret,
    });
    assert.ok(!Deno.inspect(settings, { depth: 9 }).includes(secret), database);
    assert.equal(settings.get("DATABASE_URL")?.value, "postgresql://jobs@db.example:5433/jobs");
    for (const name of ["WEB_PROXY_SECRET", "WEB_OIDC_CLIENT_SECRET", "WEB_METRICS_TOKEN"]) {
      assert.equal(settings.get(name)?.value, "hidden", name);
    }
  }
});
