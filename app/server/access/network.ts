/**
 * Where a request comes from, and whether it came by TLS. A proxy says both in headers that anybody can send, so only what the
 * proxies of `WEB_TRUSTED_PROXIES` say counts; what all others say is passed over. Whom a proxy signs in counts only beside the
 * secret of `WEB_PROXY_SECRET`: other programs of the proxy's machine have its address too, but not its secret.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";
import { hashOf, isSecret } from "@jobtrigger/shared/access";
import { isLoopback, type WebConfig } from "@jobtrigger/shared/config";

/** The settings that say where the portal is and who stands before it. */
export type NetworkConfig = Pick<
  WebConfig,
  "host" | "publicUrl" | "trustedProxies" | "proxyUserHeader" | "proxySecret" | "proxyUserRole"
>;

/** What is known of the way that a request took. */
export interface Way {
  /** The address of who sent it, a trusted proxy's left out. */
  readonly address: string;
  /** Whether the browser spoke TLS. */
  readonly isSecure: boolean;
  /** The origin of the pages that it asks for, as the browser names it. */
  readonly origin: string;
  /** What a trusted proxy says of who is signed in there; null: none says anything. */
  readonly proxyUser: string | null;
  /** Whether a trusted address names somebody without the proxy's secret. */
  readonly isUnproven: boolean;
}

/** The header in which the proxy sends its secret. */
const SECRET_HEADER = "x-proxy-secret";

/** Names under which a portal may always be asked for: nobody's DNS can point there. */
const OWN_NAMES = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

/** A name that is an address. */
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])(?::\d+)?$/i;

/** The portal's place in the network. */
export class Network {
  readonly #config: NetworkConfig;
  readonly #trusted = new BlockList();
  /** Of the proxy's secret; null: there is none. */
  readonly #secretHash: string | null;
  /** The `Host` of the public address; null: there is none. */
  readonly #publicHost: string | null;

  constructor(config: NetworkConfig) {
    this.#config = config;
    this.#secretHash = config.proxySecret === null ? null : hashOf(config.proxySecret);
    this.#publicHost = config.publicUrl === null ? null : new URL(config.publicUrl).host;
    for (const entry of config.trustedProxies) {
      const [address = "", prefix] = entry.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (prefix === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(prefix), family);
    }
  }

  /** Whether all that people do with the portal goes through TLS. */
  get hasTls(): boolean {
    return this.#config.publicUrl?.startsWith("https:") ?? false;
  }

  /**
   * Whether the portal answers under the name in a `Host` header. Under a foreign name it does not, because whoever owns the name
   * could point it here and read the pages. An address is nobody's to point; it counts where the portal listens beyond this machine
   * and has no public address.
   */
  answers(host: string): boolean {
    if (OWN_NAMES.test(host) || host.toLowerCase() === this.#publicHost) return true;
    return this.#publicHost === null && !isLoopback(this.#config.host) && ADDRESS.test(host);
  }

  /** How a request came here from the other end of its connection, `peer`. */
  wayOf(headers: Headers, host: string, peer: string): Way {
    const isTrusted = this.#isTrusted(peer);
    const says = (name: string) => isTrusted ? headers.get(name) : null;
    const { proxyUserHeader } = this.#config;
    const named = proxyUserHeader === null ? null : says(proxyUserHeader);
    const isProven = this.#secretHash !== null && isSecret(says(SECRET_HEADER) ?? "", this.#secretHash);
    const isSecure = says("x-forwarded-proto")?.trim().toLowerCase() === "https" ||
      this.hasTls && host.toLowerCase() === this.#publicHost;
    return {
      address: this.#addressOf(peer, says("x-forwarded-for")),
      isSecure,
      origin: `${isSecure ? "https" : "http"}://${host.toLowerCase()}`,
      proxyUser: isProven ? named : null,
      isUnproven: named !== null && !isProven,
    };
  }

  /** The last address of the list that no trusted proxy has: all before it may be invented. */
  #addressOf(peer: string, forwarded: string | null): string {
    let address = peer;
    for (const entry of (forwarded ?? "").split(",").reverse()) {
      if (!this.#isTrusted(address)) break;
      const before = entry.trim().replace(/^\[(.*)\]$/, "$1");
      if (isIP(before) === 0) break;
      address = before;
    }
    return address;
  }

  #isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 6 ? "ipv6" : "ipv4");
  }
}
