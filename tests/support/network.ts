import type { NetworkConfig } from "../../app/server/access/network.ts";
import type { OidcConfig } from "../../shared/config/mod.ts";

/** A portal that listens on this machine alone, with nothing before it. */
export const NETWORK: NetworkConfig = {
  host: "127.0.0.1",
  publicUrl: null,
  trustedProxies: [],
  proxyUserHeader: null,
  proxySecret: null,
  proxyUserRole: null,
};

/** Nobody signs in by OpenID Connect. */
export const NO_PROVIDER: OidcConfig = {
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
};
