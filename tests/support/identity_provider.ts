/**
 * Identity providers for tests: a real one as a process of its own, and a hostile one that sends tokens which no provider should.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { CALLBACK_PATH } from "../../app/server/access/oidc/provider.ts";
import type { OidcConfig } from "../../shared/config/mod.ts";
import { NO_PROVIDER } from "./network.ts";

/** The secret of the portal at every provider of tests. */
export const CLIENT_SECRET = "granite-otter-lantern-seven-granite";

/** Who signs in at a provider. */
export interface TestPerson {
  readonly sub: string;
  readonly preferred_username: string;
  readonly groups?: readonly string[];
}

/** The settings of a portal at `origin` whose people sign in by the provider `issuer`. */
export function settingsOf(issuer: string, origin: string): OidcConfig & { readonly publicUrl: string } {
  return {
    ...NO_PROVIDER,
    publicUrl: origin,
    oidcIssuer: issuer,
    oidcClientId: "portal",
    oidcClientSecret: CLIENT_SECRET,
    oidcName: "Example SSO",
    oidcRoles: [
      { group: "ops", role: "operator", label: null },
      { group: "it-admins", role: "admin", label: null },
      { group: "finance", role: "editor", label: "finance" },
    ],
  };
}

/** A real provider that runs. */
export interface RealProvider extends AsyncDisposable {
  readonly issuer: string;
}

/** Starts a real provider for a portal at `origin`. */
export async function startProvider(origin: string): Promise<RealProvider> {
  const module = fileURLToPath(import.meta.resolve("./identity_provider_process.ts"));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-all",
      module,
      JSON.stringify({ redirectUri: origin + CALLBACK_PATH, secret: CLIENT_SECRET }),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/^http:.*\n/m.test(said)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The provider ended: ${said}`);
    said += value;
  }
  return {
    issuer: /^(http:.*)\n/m.exec(said)?.[1] ?? "",
    async [Symbol.asyncDispose]() {
      await reader.cancel();
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** A browser: it keeps the cookies of each origin, and asks the portal by `portal`. */
export class TestBrowser {
  readonly #portal: (path: string, init: RequestInit) => Promise<Response>;
  readonly #origin: string;
  readonly cookies: Map<string, Map<string, string>> = new Map();

  constructor(origin: string, portal: (path: string, init: RequestInit) => Promise<Response>) {
    this.#origin = origin;
    this.#portal = portal;
  }

  /** Asks for an address and follows nothing. */
  async get(address: string): Promise<Response> {
    const url = new URL(address, this.#origin);
    const jar = this.cookies.get(url.origin) ?? new Map<string, string>();
    this.cookies.set(url.origin, jar);
    const init = { headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") } };
    const response = url.origin === this.#origin
      ? await this.#portal(url.pathname + url.search, init)
      : await fetch(url, { ...init, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "" || /max-age=0\b/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Begins to sign in, and answers the address at the provider to which the portal sends. */
  async begin(next = "/jobs"): Promise<URL> {
    return new URL(await this.#sentFrom(`/sign-in/oidc?next=${encodeURIComponent(next)}`));
  }

  /** Signs in at the provider as `person`, and answers the address at the portal to which the provider sends back. */
  async atProvider(address: URL, person: TestPerson): Promise<URL> {
    let url = address;
    while (url.origin !== this.#origin) {
      if (url.pathname.startsWith("/interaction/")) url.searchParams.set("person", JSON.stringify(person));
      url = new URL(await this.#sentFrom(url.href), url);
    }
    return url;
  }

  /** Signs in as `person`, and answers what the portal says in the end. */
  async signIn(person: TestPerson, next?: string): Promise<Response> {
    return await this.get((await this.atProvider(await this.begin(next), person)).href);
  }

  async #sentFrom(address: string): Promise<string> {
    const response = await this.get(address);
    const text = await response.text();
    const location = response.headers.get("location");
    if (location === null) {
      throw new Error(`${address} answers ${response.status}: ${/<main.*/s.exec(text)?.[0] ?? text}`);
    }
    return location;
  }
}
