/**
 * The portal behind nginx and behind Caddy with TLS, as `docs/deploy-proxy.md` says: each test takes the configuration out of the page,
 * puts this test's ports and certificate into it, and runs it before a real portal.
 *
 * @module
 */
import assert from "node:assert/strict";
import { request as httpsRequest } from "node:https";
import { openAccounts, PASSWORD } from "../support/accounts.ts";
import { openSite, Service } from "../support/process.ts";
import { programTest } from "../support/program.ts";

const page = await Deno.readTextFile("docs/deploy-proxy.md");

const NAME = "jobs.example.com";
/** How long nothing may come before a test gives up: less than the time between two events of a quiet stream. */
const PATIENCE_MS = 8000;

/** What a browser claims to be its address. */
const INVENTED = "203.0.113.9";
const PROXY_SECRET = "granite-otter-lantern-seven-granite";

/** The places that a proxy of a test works with. */
interface Ground {
  readonly directory: string;
  readonly port: number;
  readonly portalPort: number;
}

/** The blocks of the page in a language, in order. */
function blocksOf(language: string): readonly string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text = ""]) =>
    name === language ? [text] : []
  );
}

/** The text with each of `changes` made; all that they look for must be there. */
function changed(text: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((all, [from, to]) => {
    assert.ok(all.includes(from), `docs/deploy-proxy.md no longer says ${from}`);
    return all.replaceAll(from, to);
  }, text);
}

/** nginx with the first configuration of the page, which signs nobody in. */
async function nginx({ directory, port, portalPort }: Ground): Promise<readonly string[]> {
  const [server = "", signIn = ""] = blocksOf("nginx");
  const configured = changed(server, [
    ["listen 443 ssl http2", `listen 127.0.0.1:${port} ssl http2`],
    ["listen 80", `listen unix:${directory}/plain.sock`],
    [`/etc/ssl/${NAME}.pem`, `${directory}/certificate.pem`],
    [`/etc/ssl/private/${NAME}.key`, `${directory}/key.pem`],
    ["http://127.0.0.1:8000", `http://127.0.0.1:${portalPort}`],
  ]);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`).join("\n");
  assert.match(signIn, /proxy_set_header X-Proxy-Secret/);
  await Deno.writeTextFile(
    `${directory}/nginx.conf`,
    `daemon off;\nmaster_process off;\npid ${directory}/pid;\nevents {}\n` +
      `http {\naccess_log off;\n${temporary}\n${configured}}\n`,
  );
  return ["nginx", "-p", directory, "-e", `${directory}/log`, "-c", `${directory}/nginx.conf`];
}

/** Caddy with the first configuration of the page; it takes the certificate of the test in place of one from the internet. */
async function caddy({ directory, port, portalPort }: Ground): Promise<readonly string[]> {
  const [site = ""] = blocksOf("caddyfile");
  const configured = changed(site, [
    [
      `${NAME} {\n`,
      `https://${NAME}:${port} {\n  bind 127.0.0.1\n  tls ${directory}/certificate.pem ${directory}/key.pem\n`,
    ],
    ["127.0.0.1:8000", `127.0.0.1:${portalPort}`],
  ]);
  await Deno.writeTextFile(
    `${directory}/Caddyfile`,
    `{\n  admin off\n  auto_https disable_redirects\n  storage file_system ${directory}/storage\n}\n${configured}`,
  );
  return ["caddy", "run", "--config", `${directory}/Caddyfile`, "--adapter", "caddyfile"];
}

for (const [program, prepare] of [["nginx", nginx], ["caddy", caddy]] as const) {
  await programTest(program, `the portal works behind ${program} with TLS, as docs/deploy-proxy.md says`, async () => {
    const [port, portalPort] = freePorts();
    const directory = await Deno.makeTempDir({ prefix: "jobtrigger-proxy-" });
    try {
      await using site = await openSite({
        WEB_PORT: String(portalPort),
        WEB_PUBLIC_URL: `https://${NAME}`,
        WEB_TRUSTED_PROXIES: "127.0.0.1",
        WEB_PROXY_USER_HEADER: "Remote-User",
        WEB_PROXY_SECRET: PROXY_SECRET,
      });
      await openAccounts(site);
      await using service = await Service.start("serve", site.env);
      await service.line(/The portal has started/);
      const ca = await makeCertificate(directory);
      await using _proxy = await startProxy(await prepare({ directory, port, portalPort }), { directory, port });
      await assertWorks({ port, portalPort, ca });
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

/** Signs in through the proxy and looks at what the deployment promises. */
async function assertWorks(
  { port, portalPort, ca }: { readonly port: number; readonly portalPort: number; readonly ca: string },
): Promise<void> {
  const ask = (path: string, options: Asked = {}) => askOf({ port, ca }, path, options);
  const form = await ask("/sign-in");
  assert.equal(form.status, 200);
  assert.equal(form.headers["strict-transport-security"], "max-age=31536000");

  const origin = `https://${NAME}`;
  const body = new URLSearchParams({ name: "viewer", password: PASSWORD }).toString();
  const signedIn = await ask("/sign-in", { method: "POST", body, headers: { origin, "x-forwarded-for": INVENTED } });
  assert.deepEqual([signedIn.status, signedIn.headers["location"]], [303, "/"]);
  const cookies = [signedIn.headers["set-cookie"]].flat().map(String);
  assert.equal(cookies.length, 2);
  for (const cookie of cookies) assert.match(cookie, /^__Host-\w+=.*; Path=\/;.*; HttpOnly; Secure$/);
  const cookie = cookies[0]?.split(";")[0] ?? "";

  const jobs = await ask("/jobs", { headers: { cookie } });
  assert.equal(jobs.status, 200);
  // An event comes at once: the proxy keeps nothing back until the stream ends.
  const stream = await ask("/api/events?since=", { headers: { cookie }, until: /^event: hello$/m });
  assert.match(String(stream.headers["content-type"]), /^text\/event-stream/);
  const sessions = await ask("/account", { headers: { cookie } });
  assert.ok(
    sessions.text.includes("127.0.0.1") && !sessions.text.includes(INVENTED),
    "a browser invents its address",
  );

  // Another site's form, and the page of a foreign name.
  const foreign = await ask("/sign-in", { method: "POST", body, headers: { origin: "https://evil.example" } });
  assert.equal(foreign.status, 403);

  // Who names an administrator without the proxy's secret: through the proxy, and past it.
  const forged = { "remote-user": "admin", "x-proxy-secret": "wrong" };
  assert.equal((await ask("/jobs", { headers: forged })).status, 401);
  const direct = await fetch(`http://127.0.0.1:${portalPort}/jobs`, { headers: forged });
  assert.equal(direct.status, 401);
  await direct.body?.cancel();
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Reads the answer until it says this, and leaves; absent: to its end. */
  readonly until?: RegExp;
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks the proxy by TLS under the portal's public name, which no DNS knows here. */
function askOf(
  { port, ca }: { readonly port: number; readonly ca: string },
  path: string,
  { method = "GET", headers = {}, body, until }: Asked,
): Promise<Answered> {
  const type = body === undefined ? {} : {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": String(body.length),
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host: "127.0.0.1",
      port,
      path,
      method,
      ca,
      servername: NAME,
      agent: false,
      ...(until !== undefined && { timeout: PATIENCE_MS }),
      headers: { host: NAME, ...type, ...headers },
    }, (response) => {
      let text = "";
      const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (until?.test(text)) {
          done();
          request.destroy();
        }
      });
      response.on("end", done);
    });
    request.on("timeout", () => request.destroy(new Error(`${path}: nothing came within ${PATIENCE_MS / 1000} s`)));
    request.on("error", reject);
    request.end(body);
  });
}

/** A certificate for the portal's public name, beside its key. Answers it. */
async function makeCertificate(directory: string): Promise<string> {
  const files = ["-keyout", `${directory}/key.pem`, "-out", `${directory}/certificate.pem`];
  const key = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const { success, stderr } = await new Deno.Command("openssl", {
    args: ["req", ...key, "-subj", `/CN=${NAME}`, "-addext", `subjectAltName=DNS:${NAME}`, ...files],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return await Deno.readTextFile(`${directory}/certificate.pem`);
}

/** Runs a proxy until it is disposed; resolves once it listens. */
async function startProxy(
  [program = "", ...args]: readonly string[],
  { directory, port }: Pick<Ground, "directory" | "port">,
): Promise<AsyncDisposable> {
  const child = new Deno.Command(program, {
    args,
    env: { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  let hasEnded = false;
  const ended = child.status.then(() => hasEnded = true);
  while (!await listens(port)) {
    if (hasEnded) throw new Error(`${program} ended: ${await said}`);
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([ended, said]);
    },
  };
}

async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/** Two ports that nobody listens on. */
function freePorts(): readonly [number, number] {
  const listeners = [0, 1].map(() => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const [one = 0, two = 0] = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return [one, two];
}
