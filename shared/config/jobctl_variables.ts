import type { JobctlValues } from "./config.ts";
import { checked, oneOf, type Variables } from "./variable.ts";

/** An origin, as browsers write it; none: null. The message repeats no text that may hold a password or a token. */
function parsePortalUrl(text: string): string | null {
  if (text === "") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url.origin;
  const found = /[@?#]|jtp_/.test(text) ? "more than an address" : `"${text}"`;
  throw new SyntaxError(`found ${found}, expected an address such as https://jobs.example.com, without a path`);
}

/** An API token; none: null. The message names no character of it. */
function parseToken(text: string): string | null {
  if (text === "") return null;
  if (/^jtp_[!-~]{1,200}$/.test(text)) return text;
  throw new SyntaxError(`found ${text.length} characters that are no API token, expected one such as jtp_…`);
}

/** The variables JOBTRIGGER_…, which jobctl reads. */
export const JOBCTL_VARIABLES: Variables<JobctlValues> = {
  portalUrl: {
    name: "JOBTRIGGER_URL",
    fallback: "",
    about: "The portal that jobctl works with, in place of a database.",
    ...checked("an address such as `https://jobs.example.com`", parsePortalUrl),
  },
  portalToken: {
    name: "JOBTRIGGER_TOKEN",
    isSecret: true,
    fallback: "",
    about: "The API token that jobctl sends to the portal. None: the one that `jobctl login` kept for this portal.",
    ...checked("an API token, `jtp_…`", parseToken),
  },
  allowsHttp: {
    name: "JOBTRIGGER_ALLOW_HTTP",
    fallback: "no",
    about:
      "Whether jobctl may send its token without TLS (`http`) to another machine, where everybody on the way can read it.",
    ...oneOf(["no", "yes"]),
  },
  caFile: {
    name: "JOBTRIGGER_CA_FILE",
    fallback: "",
    about: "A file with the certificates (PEM) of the authorities that jobctl trusts, in place of the public ones.",
    ...checked("the path of a file", (text) => text === "" ? null : text),
  },
};
