import assert from "node:assert/strict";
import { schedulerConfig, VARIABLES, webConfig, wholeConfig, workerConfig } from "@jobtrigger/shared/config";
import { Invalid } from "@jobtrigger/shared/domain";

const env = (values: Record<string, string>) => (name: string) => values[name];

/** The problems that `read` reports, as `NAME: message`. */
function problems(
  read: (env: (name: string) => string | undefined) => unknown,
  values: Record<string, string>,
): string[] {
  try {
    read(env(values));
    return [];
  } catch (error) {
    if (error instanceof Invalid) return error.problems.map(({ field, message }) => `${field}: ${message}`);
    throw error;
  }
}

Deno.test("wholeConfig() has the documented defaults", () => {
  assert.deepEqual(wholeConfig(env({})), {
    allowedHosts: [],
    notifierHealthPort: null,
    schedulerHealthPort: null,
    workerHealthPort: null,
    apiPerMinute: 600,
    portalUrl: null,
    portalToken: null,
    allowsHttp: "no",
    caFile: null,
    corsOrigins: [],
    metricsToken: null,
    databaseUrl: "sqlite:///reflex.db",
    schedulerPollMs: 10_000,
    dispatchLockMs: 300_000,
    timeoutThresholdMs: 600_000,
    maxRetries: 3,
    retentionDays: 30,
    retentionRunsPerJob: null,
    auditRetentionDays: 400,
    statisticsRetentionDays: 400,
    workerOfflineMs: 180_000,
    workerPollMs: 5000,
    workerMaxPollMs: 60_000,
    heartbeatMs: 30_000,
    jobTimeoutMs: 600_000,
    concurrency: 4,
    tags: [],
    drainMs: 30_000,
    killGraceMs: 10_000,
    scriptUser: null,
    logMaxBytes: 10_485_760,
    scriptsDirs: ["app/scripts"],
    host: "127.0.0.1",
    port: 8000,
    publicUrl: null,
    trustedProxies: [],
    proxyUserHeader: null,
    proxySecret: null,
    proxyUserRole: null,
    oidcIssuer: null,
    oidcClientId: null,
    oidcClientSecret: null,
    oidcName: null,
    oidcScopes: "openid profile",
    oidcUserClaim: "preferred_username",
    oidcGroupsClaim: "groups",
    oidcRoles: [],
    oidcDefaultRole: null,
    oidcHosts: [],
    displayTimezone: "Asia/Hong_Kong",
    logFormat: "auto",
    logLevel: "info",
  });
});

const values: [
  name: string,
  variable: string,
  text: string,
  key: keyof ReturnType<typeof wholeConfig>,
  value: unknown,
][] = [
  ["reads seconds as milliseconds", "SCHEDULER_POLL_INTERVAL", "7", "schedulerPollMs", 7000],
  ["reads a duration with units", "WORKER_JOB_TIMEOUT", "1h30m", "jobTimeoutMs", 5_400_000],
  ["reads parts of seconds", "WORKER_POLL_INTERVAL", "0.25", "workerPollMs", 250],
  ["takes space around a value away", "MAX_RETRY_ATTEMPTS", " 5 ", "maxRetries", 5],
  ["takes an empty value for none", "WEB_PORT", "", "port", 8000],
  [
    "reads the database of the former system's settings",
    "REFLEX_DB_URL",
    "sqlite:///old.db",
    "databaseUrl",
    "sqlite:///old.db",
  ],
  ["reads several script directories", "SCRIPTS_DIR", "a:/b/c", "scriptsDirs", ["a", "/b/c"]],
  [
    "writes an origin as browsers do",
    "WEB_PUBLIC_URL",
    "https://Jobs.Example.com:443/",
    "publicUrl",
    "https://jobs.example.com",
  ],
  ["reads proxies", "WEB_TRUSTED_PROXIES", "127.0.0.1, fd00::/8", "trustedProxies", ["127.0.0.1", "fd00::/8"]],
  [
    "reads the roles of groups, of names with spaces and equal signs too",
    "WEB_OIDC_ROLES",
    "IT admins=admin; cn=ops,dc=example=operator ;finance = editor : Month  End;",
    "oidcRoles",
    [
      { group: "IT admins", role: "admin", label: null },
      { group: "cn=ops,dc=example", role: "operator", label: null },
      { group: "finance", role: "editor", label: "month end" },
    ],
  ],
  [
    "reads hosts with their ports",
    "WEB_OIDC_HOSTS",
    "oauth2.googleapis.com, [::1]:8443",
    "oidcHosts",
    ["oauth2.googleapis.com:443", "[::1]:8443"],
  ],
  ["listens everywhere", "WEB_HOST", "::", "host", "::"],
  ["spells a zone as its owner does", "DISPLAY_TIMEZONE", "europe/berlin", "displayTimezone", "Europe/Berlin"],
];
for (const [name, variable, text, key, value] of values) {
  Deno.test(`wholeConfig() ${name}`, () => {
    assert.deepEqual(wholeConfig(env({ [variable]: text }))[key], value);
  });
}

Deno.test("wholeConfig() prefers DATABASE_URL to REFLEX_DB_URL", () => {
  const config = wholeConfig(env({ DATABASE_URL: "sqlite:///new.db", REFLEX_DB_URL: "sqlite:///old.db" }));
  assert.equal(config.databaseUrl, "sqlite:///new.db");
});

const wrong: [variable: string, text: string, message: RegExp][] = [
  ["SCHEDULER_POLL_INTERVAL", "soon", /found "soon", expected a number of seconds from 0.1 to 3600/],
  ["SCHEDULER_POLL_INTERVAL", "0", /expected a number of seconds from 0.1/],
  [
    "SCHEDULER_POLL_INTERVAL",
    "2h",
    /found "2h", expected a number of seconds from 0.1 to 3600, or a duration such as 5m/,
  ],
  ["SCHEDULER_POLL_INTERVAL", "1e3", /expected a number of seconds/],
  ["MAX_RETRY_ATTEMPTS", "-1", /expected a whole number from 0 to 100/],
  ["MAX_RETRY_ATTEMPTS", "2.5", /expected a whole number/],
  ["AUDIT_RETENTION_DAYS", "0", /expected a whole number of days from 1/],
  ["STATISTICS_RETENTION_DAYS", "0", /expected a whole number of days from 1/],
  ["CLEANUP_RETENTION_DAYS", "0", /expected a whole number of days from 1/],
  ["WEB_PORT", "65536", /expected a port number from 0 to 65535/],
  ["WEB_HOST", "jobs.example.com", /expected an IP address of this machine/],
  ["WEB_HOST", "127.0.0.1:8000", /expected an IP address of this machine/],
  ["WEB_PUBLIC_URL", "jobs.example.com", /expected an origin such as https:\/\/jobs.example.com/],
  ["WEB_PUBLIC_URL", "https://jobs.example.com/portal", /without a path/],
  ["WEB_PUBLIC_URL", "ftp://jobs.example.com", /expected an origin/],
  ["WEB_TRUSTED_PROXIES", "10.0.0.0/33", /expected addresses and networks/],
  ["WEB_TRUSTED_PROXIES", "proxy.internal", /expected addresses and networks/],
  ["WEB_PROXY_USER_HEADER", "Remote User", /expected the name of a header/],
  ["WEB_PROXY_USER_HEADER", "User-Agent", /expected the name of a header that a proxy sets/],
  ["WEB_PROXY_USER_HEADER", "X-Proxy-Secret", /expected the name of a header that a proxy sets/],
  ["WEB_PROXY_USER_HEADER", "idempotency-key", /expected the name of a header that a proxy sets/],
  ["WEB_OIDC_ISSUER", "sso.example.com", /expected an issuer such as https:\/\/sso.example.com/],
  ["WEB_OIDC_ISSUER", "http://sso.example.com", /http only on this machine/],
  ["WEB_OIDC_ISSUER", "https://sso.example.com/?tenant=1", /without a query/],
  ["WEB_OIDC_SCOPES", "profile", /expected scopes with spaces between, `openid` among them/],
  ["WEB_OIDC_GROUPS_CLAIM", "my groups", /expected the name of a claim/],
  ["WEB_OIDC_ROLES", "ops=owner", /found "ops=owner", expected GROUP=ROLE or GROUP=ROLE:LABEL/],
  ["WEB_OIDC_ROLES", "ops=operator:", /found "ops=operator:"/],
  ["WEB_OIDC_ROLES", "ops", /found "ops"/],
  ["WEB_OIDC_DEFAULT_ROLE", "owner", /expected one of viewer, operator, editor, admin/],
  ["WEB_OIDC_HOSTS", "https://keys.example.com/", /expected a host such as/],
  ["WEB_PROXY_SECRET", "hunter2", /found 7 characters, expected at least 32 printable ones/],
  ["WEB_PROXY_USER_ROLE", "owner", /expected one of viewer, operator, editor, admin/],
  ["DISPLAY_TIMEZONE", "Asia/HongKong", /Asia\/Hong_Kong/],
  ["LOG_FORMAT", "xml", /expected one of auto, json, text/],
  ["SCRIPTS_DIR", ":", /expected directories separated by/],
  ["DATABASE_URL", "mysql://root:secret@db/x", /cannot use the scheme "mysql"/],
  ["DATABASE_URL", "sqlite://", /names no file/],
  ["DATABASE_URL", "sqlite:///:memory:", /names no file/],
];
for (const [variable, text, message] of wrong) {
  Deno.test(`wholeConfig() refuses ${variable}=${text} and says what it expects`, () => {
    const found = problems(wholeConfig, { [variable]: text });
    assert.equal(found.length, 1);
    assert.ok(found[0]?.startsWith(`${variable}: `), found[0]);
    assert.match(found[0] ?? "", message);
  });
}

Deno.test("wholeConfig() does not repeat a password", () => {
  const found = problems(wholeConfig, { DATABASE_URL: "mysql://root:secret@db/x" });
  assert.doesNotMatch(found.join(), /secret/);
});

Deno.test("webConfig() takes the header of a proxy's users only with the proxy and its secret, and reports both", () => {
  const proxied = { WEB_PROXY_USER_HEADER: "Remote-User" };
  assert.deepEqual(problems(webConfig, proxied).map((line) => line.split(",")[0]), [
    "WEB_PROXY_USER_HEADER: signs in whom a proxy names",
    "WEB_PROXY_SECRET: is not set",
  ]);
  const whole = { ...proxied, WEB_TRUSTED_PROXIES: "127.0.0.1", WEB_PROXY_SECRET: "s".repeat(32) };
  assert.equal(webConfig(env(whole)).proxySecret, "s".repeat(32));
  assert.doesNotMatch(problems(webConfig, { ...whole, WEB_PROXY_SECRET: "hunter2" }).join(), /hunter2/);
});

Deno.test("webConfig() takes OpenID Connect only whole, reports all that is missing, and never the secret", () => {
  const issuer = { WEB_OIDC_ISSUER: "https://sso.example.com" };
  assert.deepEqual(problems(webConfig, issuer).map((line) => line.split(" not set")[0]), [
    "WEB_PUBLIC_URL: is",
    "WEB_OIDC_CLIENT_ID: is",
    "WEB_OIDC_CLIENT_SECRET: is",
    "WEB_OIDC_ROLES: is",
  ]);
  const whole = {
    ...issuer,
    WEB_PUBLIC_URL: "https://jobs.example.com",
    WEB_OIDC_CLIENT_ID: "portal",
    WEB_OIDC_CLIENT_SECRET: "hunter2",
    WEB_OIDC_DEFAULT_ROLE: "viewer",
  };
  assert.equal(webConfig(env(whole)).oidcDefaultRole, "viewer");
  const { WEB_OIDC_ISSUER: _, ...headless } = whole;
  const found = problems(webConfig, headless).join();
  assert.match(found, /WEB_OIDC_CLIENT_SECRET: is set, but WEB_OIDC_ISSUER is not/);
  assert.doesNotMatch(found, /hunter2/);
});

Deno.test("workerConfig() reports all problems at once", () => {
  const found = problems(workerConfig, { WORKER_CONCURRENCY: "0", WORKER_JOB_TIMEOUT: "x", LOG_LEVEL: "loud" });
  assert.deepEqual(found.map((problem) => problem.split(":")[0]).toSorted(), [
    "LOG_LEVEL",
    "WORKER_CONCURRENCY",
    "WORKER_JOB_TIMEOUT",
  ]);
});

Deno.test("workerConfig() beats three times a lease when only the lease is set", () => {
  assert.equal(workerConfig(env({ WORKER_OFFLINE_THRESHOLD: "6" })).heartbeatMs, 2000);
});

Deno.test("workerConfig() refuses a heartbeat interval of more than half a lease", () => {
  const found = problems(workerConfig, { WORKER_OFFLINE_THRESHOLD: "6", WORKER_HEARTBEAT_INTERVAL: "4" });
  assert.match(
    found.join(),
    /WORKER_HEARTBEAT_INTERVAL: found 4 s, expected at most half of WORKER_OFFLINE_THRESHOLD \(6 s\)/,
  );
});

Deno.test("workerConfig() refuses a longest poll under the first", () => {
  const found = problems(workerConfig, { WORKER_POLL_INTERVAL: "9", WORKER_MAX_POLL_INTERVAL: "3" });
  assert.match(found.join(), /WORKER_MAX_POLL_INTERVAL: found 3 s, expected at least WORKER_POLL_INTERVAL \(9 s\)/);
});

Deno.test("workerConfig() lengthens the longest poll to the first when only that is set", () => {
  assert.equal(workerConfig(env({ WORKER_POLL_INTERVAL: "90" })).workerMaxPollMs, 90_000);
});

Deno.test("each process reads its own settings alone", () => {
  const others = { WORKER_CONCURRENCY: "none" };
  assert.equal(problems(schedulerConfig, others).length, 0);
  assert.equal(problems(webConfig, others).length, 0);
  assert.equal(problems(workerConfig, others).length, 1);
});

Deno.test("no two variables share a name", () => {
  const names = Object.values(VARIABLES).flatMap(({ name, formerName }) =>
    formerName === undefined ? [name] : [name, formerName]
  );
  assert.equal(new Set(names).size, names.length);
});
