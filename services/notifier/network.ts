/**
 * Where a notifier may connect to. People type the addresses of channels, and a notifier stands inside the network, so without a
 * limit anyone who may make a channel could reach what only the inside may: other services, the machine itself, the metadata of a cloud.
 *
 * A name is resolved once; every answer must be public or allowed; and the connection goes to the address that was checked, whatever
 * the name resolves to later. NOTIFIER_ALLOW_HOSTS names what inside is meant to be reached.
 *
 * @module
 */
import { BlockList, isIP, isIPv6 } from "node:net";
import { lookup } from "node:dns/promises";

/** A place that a delivery must not reach. Trying again changes nothing. */
export class Refused extends Error {
  override readonly name: string = "Refused";
}

/** What a promise answers, unless `signal` aborts first: a resolver may take longer than anybody waits. @throws the signal's reason. */
export async function unlessAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The addresses of a host, as the operating system resolves it. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Resolves by the operating system. */
const systemResolve: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

// IANA's registries of special-purpose addresses, with multicast and what is reserved.
const INSIDE_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/** Of IPv6 only this is public, and not all of it: Teredo, 6to4 and documentation carry or name other addresses. */
const OUTSIDE_V6 = ["2000::/3"];
const INSIDE_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const insideV4 = listOf(INSIDE_V4);
const outsideV6 = listOf(OUTSIDE_V6);
const insideV6 = listOf(INSIDE_V6);

/** Whether an address belongs to this machine, a network of one's own, or nobody. What is no address counts as inside. */
export function isInside(address: string): boolean {
  const bare = address.replace(/%.*$/, "");
  switch (isIP(bare)) {
    case 4:
      return insideV4.check(bare);
    case 6:
      return !outsideV6.check(bare, "ipv6") || insideV6.check(bare, "ipv6");
    default:
      return true;
  }
}

/** Finds where to connect to for a host, within what is allowed. */
export class Gate {
  readonly #names: ReadonlySet<string>;
  readonly #networks: BlockList;
  readonly #resolve: Resolve;

  /** `allowed` as NOTIFIER_ALLOW_HOSTS has it: names, addresses and networks. */
  constructor(allowed: readonly string[], resolve: Resolve = systemResolve) {
    const isNetwork = (entry: string) => isIP(entry.replace(/\/\d+$/, "")) !== 0;
    this.#names = new Set(allowed.filter((entry) => !isNetwork(entry)));
    this.#networks = listOf(allowed.filter(isNetwork));
    this.#resolve = resolve;
  }

  /**
   * The address to connect to for `host`, a name or an address.
   * @throws {Refused} when any address of it is inside and not allowed.
   */
  async addressOf(host: string): Promise<string> {
    const bare = host.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
    const addresses = isIP(bare) === 0 ? await this.#resolve(bare) : [bare];
    const [first] = addresses;
    if (first === undefined) throw new Error(`${bare} has no address`);
    if (this.#names.has(bare)) return first;
    const refused = addresses.find((address) => isInside(address) && !this.#isAllowed(address));
    if (refused === undefined) return first;
    throw new Refused(
      `${bare} is ${
        refused === bare ? "an address" : `at ${refused}`
      } inside the network; NOTIFIER_ALLOW_HOSTS does not name it`,
    );
  }

  #isAllowed(address: string): boolean {
    return isIP(address) !== 0 && this.#networks.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
