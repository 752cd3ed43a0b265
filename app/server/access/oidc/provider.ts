/**
 * The identity provider by which people sign in: OpenID Connect, the code flow with PKCE, state and nonce. `openid-client` checks what
 * the protocol says; the signature of the ID token is checked as well, and the answer is turned into who signs in.
 *
 * The provider is asked for the first time when somebody signs in by it. While it is away, everything else goes on.
 *
 * @module
 */
import * as oidc from "openid-client";
import { hashOf } from "@jobtrigger/shared/access";
import type { OidcConfig } from "@jobtrigger/shared/config";
import { Busy, type ExternalId } from "@jobtrigger/shared/domain";
import { ProviderFailure } from "./provider_failure.ts";
import { PROVIDER_TIMEOUT_MS, type ProviderFetch } from "./provider_fetch.ts";

/** The path to which the provider sends people back. */
export const CALLBACK_PATH = "/sign-in/oidc/callback";

/** How long the provider's addresses are kept. */
const KEPT_MS = 3_600_000;

/** Most requests to the provider at once. */
const MOST_REQUESTS = 20;

/** Where the provider is, and who the portal is there. */
export interface ProviderSettings extends OidcConfig {
  readonly oidcIssuer: string;
  readonly oidcClientId: string;
  readonly oidcClientSecret: string;
  readonly publicUrl: string;
}

/** Whom the provider names. */
export interface Person {
  readonly externalId: ExternalId;
  /** The claim of WEB_OIDC_USER_CLAIM; "": the provider does not say. */
  readonly name: string;
  readonly groups: readonly string[];
}

/** The identity provider. */
export class IdentityProvider {
  readonly #settings: ProviderSettings;
  readonly #fetch: ProviderFetch;
  readonly #hosts: ReadonlySet<string>;
  readonly #monotonic: () => number;
  #metadata: { readonly found: Promise<oidc.ServerMetadata>; readonly at: number } | null = null;
  #requests = 0;

  constructor(settings: ProviderSettings, fetch: ProviderFetch, monotonic: () => number) {
    this.#settings = settings;
    this.#fetch = fetch;
    this.#hosts = new Set(providerHosts(settings));
    this.#monotonic = monotonic;
  }

  /** What people call it. */
  get name(): string {
    return this.#settings.oidcName ?? new URL(this.#settings.oidcIssuer).host;
  }

  /** Where a browser goes to sign in; `secret` is what the browser brings back. @throws {ProviderFailure} @throws {Busy} */
  async begin(secret: string): Promise<URL> {
    return await this.#asking(async () => {
      const { oidcScopes: scope } = this.#settings;
      return oidc.buildAuthorizationUrl(await this.#configuration(0), {
        redirect_uri: this.#redirectUri,
        scope,
        state: stateOf(secret),
        nonce: nonceOf(secret),
        code_challenge: await oidc.calculatePKCECodeChallenge(verifierOf(secret)),
        code_challenge_method: "S256",
      });
    });
  }

  /**
   * Whom the provider names in the address that a browser came back to with `search`. `skewMs`: how far the database's clock is ahead
   * of this machine's. @throws {ProviderFailure} where it proves nobody. @throws {Busy}
   */
  async finish({ search, secret, skewMs }: {
    readonly search: string;
    readonly secret: string;
    readonly skewMs: number;
  }): Promise<Person> {
    return await this.#asking(async () => {
      const configuration = await this.#configuration(skewMs);
      const tokens = await oidc.authorizationCodeGrant(configuration, new URL(this.#redirectUri + search), {
        expectedState: stateOf(secret),
        expectedNonce: nonceOf(secret),
        pkceCodeVerifier: verifierOf(secret),
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new TypeError("The provider sent no ID token");
      return this.#personOf({ ...await this.#moreOf(configuration, tokens.access_token, claims), ...claims });
    });
  }

  get #redirectUri(): string {
    return this.#settings.publicUrl + CALLBACK_PATH;
  }

  /** What the provider says of a user elsewhere, where the ID token does not say all. */
  async #moreOf(
    configuration: oidc.Configuration,
    token: string,
    claims: oidc.IDToken,
  ): Promise<oidc.UserInfoResponse | null> {
    const { oidcUserClaim, oidcGroupsClaim } = this.#settings;
    const isWhole = claims[oidcUserClaim] !== undefined && claims[oidcGroupsClaim] !== undefined;
    if (isWhole || configuration.serverMetadata().userinfo_endpoint === undefined) return null;
    return await oidc.fetchUserInfo(configuration, token, claims.sub);
  }

  #personOf(claims: oidc.IDToken): Person {
    const { oidcUserClaim, oidcGroupsClaim } = this.#settings;
    const [name, groups] = [claims[oidcUserClaim], claims[oidcGroupsClaim]];
    return {
      externalId: { issuer: claims.iss, subject: claims.sub },
      name: typeof name === "string" ? name : "",
      groups: [groups].flat().filter((group) => typeof group === "string"),
    };
  }

  async #configuration(skewMs: number): Promise<oidc.Configuration> {
    const { oidcClientId, oidcClientSecret } = this.#settings;
    const server = await this.#discovered();
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const proof = methods.includes("client_secret_basic") ? oidc.ClientSecretBasic : oidc.ClientSecretPost;
    const client = { [oidc.clockSkew]: Math.round(skewMs / 1000) };
    return this.#set(new oidc.Configuration(server, oidcClientId, client, proof(oidcClientSecret)));
  }

  #set(configuration: oidc.Configuration): oidc.Configuration {
    configuration[oidc.customFetch] = (url, init) => this.#send(url, init);
    configuration.timeout = 2 * PROVIDER_TIMEOUT_MS / 1000;
    // Only for an issuer on this machine: the settings take no other without TLS.
    if (this.#isPlain) oidc.allowInsecureRequests(configuration);
    oidc.enableNonRepudiationChecks(configuration);
    return configuration;
  }

  get #isPlain(): boolean {
    return this.#settings.oidcIssuer.startsWith("http:");
  }

  /** The provider's addresses. Those who ask at the same time wait for one answer; a failure is not kept. */
  #discovered(): Promise<oidc.ServerMetadata> {
    const kept = this.#metadata;
    if (kept !== null && this.#monotonic() - kept.at < KEPT_MS) return kept.found;
    const { oidcIssuer, oidcClientId } = this.#settings;
    const found = oidc.discovery(new URL(oidcIssuer), oidcClientId, undefined, undefined, {
      [oidc.customFetch]: (url, init) => this.#send(url, init),
      timeout: 2 * PROVIDER_TIMEOUT_MS / 1000,
      execute: this.#isPlain ? [oidc.allowInsecureRequests] : [],
    }).then((configuration) => configuration.serverMetadata());
    this.#metadata = { found, at: this.#monotonic() };
    found.catch(() => this.#metadata = null);
    return found;
  }

  async #send(url: string, { method, headers, body }: oidc.CustomFetchOptions): Promise<Response> {
    this.#assertNamed(new URL(url));
    const text = body === undefined || body === null ? null : String(body);
    const answer = await this.#fetch({ url, method, headers: Object.entries(headers), body: text })
      .catch((error: Error) => {
        throw new ProviderFailure("away", `${new URL(url).host} does not answer: ${error.message}`);
      });
    if (answer.status >= 500) throw new ProviderFailure("away", `${url} answers ${answer.status}`);
    const pairs = answer.headers.map(([name, value]): [string, string] => [name, value]);
    return new Response(answer.body === "" ? null : answer.body, { status: answer.status, headers: pairs });
  }

  /** The provider's documents send the portal to no host that the settings do not name. That it is by TLS, `openid-client` checks. */
  #assertNamed(url: URL): void {
    if (this.#hosts.has(hostOf(url))) return;
    const message = `The provider names the host ${url.host}, which is neither the issuer's nor in WEB_OIDC_HOSTS`;
    throw new ProviderFailure("settings", message);
  }

  async #asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (this.#requests >= MOST_REQUESTS) {
      throw new Busy("Too many people are signing in by the identity provider; try again in half a minute");
    }
    this.#requests += 1;
    try {
      return await ask();
    } catch (error) {
      throw ProviderFailure.of(error);
    } finally {
      this.#requests -= 1;
    }
  }
}

/** The hosts that the portal may send requests to, each with its port. */
export function providerHosts(
  { oidcIssuer, oidcHosts }: Pick<ProviderSettings, "oidcIssuer" | "oidcHosts">,
): readonly string[] {
  return [hostOf(new URL(oidcIssuer)), ...oidcHosts];
}

function hostOf({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port || (protocol === "http:" ? "80" : "443")}`;
}

// What the provider and other sites get to see are hashes: none of them says what another is, nor what the browser keeps.
const stateOf = (secret: string) => hashOf(`state ${secret}`);
const nonceOf = (secret: string) => hashOf(`nonce ${secret}`);
const verifierOf = (secret: string) => hashOf(`verifier ${secret}`);
