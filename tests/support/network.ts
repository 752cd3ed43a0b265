import type { NetworkConfig } from "../../app/server/access/network.ts";

/** A portal that listens on this machine alone, with nothing before it. */
export const NETWORK: NetworkConfig = {
  host: "127.0.0.1",
  publicUrl: null,
  trustedProxies: [],
  proxyUserHeader: null,
  proxySecret: null,
  proxyUserRole: null,
};
