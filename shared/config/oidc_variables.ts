/**
 * The variables of signing in by OpenID Connect. All of it is off until `WEB_OIDC_ISSUER` is set.
 *
 * @module
 */
import { z } from "zod";
import { type GroupRole, type Role, ROLES } from "../domain/account.ts";
import type { Problem } from "../domain/errors.ts";
import { parseLabels } from "../domain/label.ts";
import { checked, type Variable, type Variables } from "./variable.ts";

/** The values of the variables of OpenID Connect. */
export interface OidcConfig {
  /** WEB_OIDC_ISSUER; null: nobody signs in by OpenID Connect. */
  readonly oidcIssuer: string | null;
  /** WEB_OIDC_CLIENT_ID; null: it is not set. */
  readonly oidcClientId: string | null;
  /** WEB_OIDC_CLIENT_SECRET; null: it is not set. */
  readonly oidcClientSecret: string | null;
  /** WEB_OIDC_NAME; null: the host of the issuer stands in its place. */
  readonly oidcName: string | null;
  /** WEB_OIDC_SCOPES, with spaces between. */
  readonly oidcScopes: string;
  /** WEB_OIDC_USER_CLAIM. */
  readonly oidcUserClaim: string;
  /** WEB_OIDC_GROUPS_CLAIM. */
  readonly oidcGroupsClaim: string;
  /** WEB_OIDC_ROLES. */
  readonly oidcRoles: readonly GroupRole[];
  /** WEB_OIDC_DEFAULT_ROLE; null: whoever is in no group of WEB_OIDC_ROLES is refused. */
  readonly oidcDefaultRole: Role | null;
  /** WEB_OIDC_HOSTS, each with its port. */
  readonly oidcHosts: readonly string[];
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** The variables of OpenID Connect, in the order of the documentation. */
export const OIDC_VARIABLES: Variables<OidcConfig> = {
  oidcIssuer: {
    name: "WEB_OIDC_ISSUER",
    fallback: "",
    about: "The identity provider by which people sign in, by OpenID Connect. Its addresses and keys come from its " +
      "discovery document. None: nobody signs in this way.",
    ...checked("the issuer of an OpenID provider, such as `https://sso.example.com/realms/main`", parseIssuer),
  },
  oidcClientId: {
    name: "WEB_OIDC_CLIENT_ID",
    fallback: "",
    about: "The name under which the portal is registered with the provider. Its redirect URI there is " +
      "`WEB_PUBLIC_URL` with `/sign-in/oidc/callback`.",
    expected: "the client ID that the provider gave to the portal",
    schema: () => z.string().transform(textOrNull),
  },
  oidcClientSecret: {
    name: "WEB_OIDC_CLIENT_SECRET",
    isSecret: true,
    fallback: "",
    about: "The secret by which the portal proves to the provider that it is that client.",
    expected: "the client secret that the provider gave to the portal",
    schema: () => z.string().transform(textOrNull),
  },
  oidcName: {
    name: "WEB_OIDC_NAME",
    fallback: "",
    about: "What people call the provider: the page says `Sign in with` and this. None: the host of the issuer.",
    expected: "a short name, such as Example SSO",
    schema: () => z.string().max(60).transform(textOrNull),
  },
  oidcScopes: {
    name: "WEB_OIDC_SCOPES",
    fallback: "openid profile",
    about: "The scopes that the portal asks for. Some providers give out groups only with a scope of that name.",
    expected: "scopes with spaces between, `openid` among them",
    schema: () => z.string().refine((text) => /^[!-~]+( [!-~]+)*$/.test(text) && text.split(" ").includes("openid")),
  },
  oidcUserClaim: {
    name: "WEB_OIDC_USER_CLAIM",
    fallback: "preferred_username",
    about: "The claim that names a new account. Afterwards the account belongs to the provider's `sub`, whatever the " +
      "claim says.",
    ...claim(),
  },
  oidcGroupsClaim: {
    name: "WEB_OIDC_GROUPS_CLAIM",
    fallback: "groups",
    about: "The claim that lists the groups of who signs in.",
    ...claim(),
  },
  oidcRoles: {
    name: "WEB_OIDC_ROLES",
    fallback: "",
    about:
      "The roles of groups, with semicolons between: `GROUP=ROLE` on everything, `GROUP=ROLE:LABEL` on the jobs of a " +
      "label. Each sign-in sets the account's roles anew by them; the highest counts. None: administrators give roles here.",
    ...checked("such as `ops=operator; it-admins=admin; finance=editor:finance`", parseGroupRoles),
  },
  oidcDefaultRole: {
    name: "WEB_OIDC_DEFAULT_ROLE",
    fallback: "",
    about: "The role of who is in no group of WEB_OIDC_ROLES. None: they are refused.",
    expected: `one of ${ROLES.join(", ")}`,
    schema: () => z.enum(["", ...ROLES]).transform((value) => value === "" ? null : value),
  },
  oidcHosts: {
    name: "WEB_OIDC_HOSTS",
    fallback: "",
    about:
      "Other hosts that the portal may ask for tokens, keys and user details, where the provider has them elsewhere " +
      "than at the issuer's host.",
    ...checked("hosts with commas between, such as oauth2.googleapis.com,www.googleapis.com", parseHosts),
  },
};

/** Problems of the variables of OpenID Connect with each other. */
export function oidcChecks(
  config: Partial<OidcConfig> & { readonly publicUrl?: string | null },
  isSet: (key: keyof OidcConfig) => boolean,
): readonly Problem[] {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcRoles, oidcDefaultRole, publicUrl } = config;
  const { oidcIssuer: issuer, oidcDefaultRole: role } = OIDC_VARIABLES;
  if (oidcIssuer === undefined) return [];
  const conflict = (field: string, message: string): Problem => ({ field, message, code: "conflict" });
  if (oidcIssuer === null) {
    return (["oidcClientId", "oidcClientSecret"] as const).filter(isSet).map((key) =>
      conflict(OIDC_VARIABLES[key].name, `is set, but ${issuer.name} is not: expected both or neither`)
    );
  }
  const missing = (key: "oidcClientId" | "oidcClientSecret") =>
    conflict(OIDC_VARIABLES[key].name, `is not set, but ${issuer.name} is: expected ${OIDC_VARIABLES[key].expected}`);
  const problems: Problem[] = [];
  if (publicUrl === null) {
    const message =
      `is not set, but ${issuer.name} is: the provider sends people back there, expected an origin such as ` +
      "https://jobs.example.com";
    problems.push(conflict("WEB_PUBLIC_URL", message));
  }
  if (oidcClientId === null) problems.push(missing("oidcClientId"));
  if (oidcClientSecret === null) problems.push(missing("oidcClientSecret"));
  if (oidcRoles?.length === 0 && oidcDefaultRole === null) {
    const message = `is not set, and neither is ${role.name}, so nobody could sign in: expected ` +
      OIDC_VARIABLES.oidcRoles.expected;
    problems.push(conflict(OIDC_VARIABLES.oidcRoles.name, message));
  }
  return problems;
}

function claim(): Pick<Variable<string>, "expected" | "schema"> {
  return { expected: "the name of a claim, such as groups", schema: () => z.string().regex(/^[!-~]{1,100}$/) };
}

function textOrNull(text: string): string | null {
  return text === "" ? null : text;
}

/** An issuer, letter by letter as it was given, because the provider's document must name the same. */
function parseIssuer(text: string): string | null {
  if (text === "") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe = url?.protocol === "https:" || url?.protocol === "http:" && LOOPBACK.test(url.hostname);
  const isBare = url !== null && url.search + url.hash + url.username + url.password === "";
  if (isSafe && isBare) return text;
  throw new SyntaxError(
    `found "${
      url === null || isBare ? text : url.origin
    }", expected an issuer such as https://sso.example.com/realms/main, ` +
      "without a query; http only on this machine",
  );
}

function parseGroupRoles(text: string): readonly GroupRole[] {
  return text.split(";").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const [, group = "", roleText = "", labelText] = /^(.*\S)\s*=\s*([a-z]+)\s*(?::\s*(.*))?$/.exec(part) ?? [];
    const role = ROLES.find((one) => one === roleText);
    if (group === "" || role === undefined || labelText === "") {
      throw new SyntaxError(
        `found "${part}", expected GROUP=ROLE or GROUP=ROLE:LABEL with one of the roles ${ROLES.join(", ")}`,
      );
    }
    if (labelText === undefined) return { group, role, label: null };
    const [label = ""] = parseLabels([labelText]);
    return { group, role, label };
  });
}

function parseHosts(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const url = URL.canParse(`https://${part}`) ? new URL(`https://${part}`) : null;
    if (url === null || url.href !== `https://${url.host}/` || /[/?#@*]/.test(part)) {
      throw new SyntaxError(
        `found "${part}", expected a host such as oauth2.googleapis.com, with a port where it is not 443`,
      );
    }
    return `${url.hostname}:${url.port || "443"}`;
  });
}
