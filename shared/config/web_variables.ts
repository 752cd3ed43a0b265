import { z } from "zod";
import { ROLES } from "../domain/account.ts";
import type { WebValues } from "./config.ts";
import { checked, type Form, type Variables, whole } from "./variable.ts";

/** Headers that browsers send by themselves or that the portal reads for something else: none of them names who a proxy signed in. */
const NAMING_NOBODY: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "host",
  "idempotency-key",
  "if-match",
  "if-none-match",
  "if-range",
  "last-event-id",
  "origin",
  "range",
  "referer",
  "sec-fetch-site",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-proxy-secret",
  "x-request-id",
]);

/** An origin, as browsers write it; none: null. */
function parseOrigin(text: string): string | null {
  if (text === "") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin) return url.origin;
  throw new SyntaxError(`found "${text}", expected an origin such as https://jobs.example.com, without a path`);
}

/** A secret; none: null. The message names no character of a secret: it would end up in a log. */
function parseSecret(text: string): string | null {
  if (text === "") return null;
  if (/^[!-~]{32,}$/.test(text)) return text;
  throw new SyntaxError(
    `found ${text.length} characters, expected at least 32 printable ones without spaces, such as openssl rand -hex 32 prints`,
  );
}

/** Origins with commas between: scheme, host and port, and no more. */
function origins(): Form<readonly string[]> {
  const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;
  return {
    expected: "origins such as https://tools.example.com, with commas between and nothing after host and port",
    schema: () =>
      z.string().transform((text) => text.split(",").map((origin) => origin.trim()).filter((one) => one !== ""))
        .refine((found) => found.every(isOrigin)),
  };
}

/** The variables WEB_…, in the order of the documentation. */
export const WEB_VARIABLES: Variables<WebValues> = {
  host: {
    name: "WEB_HOST",
    fallback: "127.0.0.1",
    about:
      "The address the portal listens on. Any but one of this machine alone (127.0.0.1, ::1) takes an administrator: " +
      "make the first account before.",
    expected: "an IP address of this machine, such as 127.0.0.1; 0.0.0.0 or :: for all of them",
    schema: () => z.union([z.ipv4(), z.ipv6()]),
  },
  port: {
    name: "WEB_PORT",
    fallback: "8000",
    about: "The port the portal listens on; 0 for any free one.",
    ...whole("a port number", 0, 65_535),
  },
  publicUrl: {
    name: "WEB_PUBLIC_URL",
    fallback: "",
    about:
      "Where people open the portal, when that is not where it listens: behind a proxy. With `https` its cookies are " +
      "for TLS only, and browsers are told to use nothing else.",
    ...checked("an origin such as `https://jobs.example.com`", parseOrigin),
  },
  trustedProxies: {
    name: "WEB_TRUSTED_PROXIES",
    fallback: "",
    about:
      "The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count. From all others these headers say nothing.",
    expected: "addresses and networks separated by commas, such as 127.0.0.1,10.0.0.0/8",
    schema: () =>
      z.string().transform((value) => value.split(",").map((part) => part.trim()).filter((part) => part !== ""))
        .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
  },
  proxyUserHeader: {
    name: "WEB_PROXY_USER_HEADER",
    fallback: "",
    about:
      "The header in which a trusted proxy names who is signed in, such as `Remote-User`: that user is signed in here " +
      "too. It takes WEB_PROXY_SECRET. The proxy must take the header from what browsers send. None: no header signs anybody in.",
    expected: "the name of a header that a proxy sets, such as Remote-User",
    schema: () =>
      z.string().regex(/^([A-Za-z0-9-]{1,100})?$/).transform((value) => value.toLowerCase())
        .refine((value) => !NAMING_NOBODY.has(value)).transform((value) => value === "" ? null : value),
  },
  proxySecret: {
    name: "WEB_PROXY_SECRET",
    isSecret: true,
    fallback: "",
    about:
      "What the proxy sends in `X-Proxy-Secret` beside the header of WEB_PROXY_USER_HEADER: without it that header names " +
      "nobody, because every program on the proxy's machine could send it.",
    ...checked("at least 32 printable characters without spaces, such as `openssl rand -hex 32` prints", parseSecret),
  },
  proxyUserRole: {
    name: "WEB_PROXY_USER_ROLE",
    fallback: "",
    about:
      "The role of a new account for whom a trusted proxy names and the portal does not know. None: they are refused.",
    expected: `one of ${ROLES.join(", ")}`,
    schema: () => z.enum(["", ...ROLES]).transform((value) => value === "" ? null : value),
  },
  apiPerMinute: {
    name: "WEB_API_REQUESTS",
    fallback: "600",
    about: "Most requests that one API token may send in a minute; one more is answered with 429.",
    ...whole("a number of requests", 1, 1_000_000),
  },
  metricsToken: {
    name: "WEB_METRICS_TOKEN",
    isSecret: true,
    fallback: "",
    about: "What Prometheus sends as a bearer token to read `/metrics`. None: only who is signed in reads them.",
    ...checked("at least 32 printable characters without spaces, such as `openssl rand -hex 32` prints", parseSecret),
  },
  corsOrigins: {
    name: "WEB_CORS_ORIGINS",
    fallback: "",
    about: "The origins of pages elsewhere that may call the API with a token, with commas between. Empty: none.",
    ...origins(),
  },
};
