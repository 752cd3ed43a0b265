import { beginSession, type UserRequest } from "../../shared/operations/mod.ts";
import { hashPassword } from "../../shared/access/mod.ts";
import type { User } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { by } from "./actor.ts";
import { operating } from "./operating.ts";

/** The password of every account that tests make. */
export const PASSWORD = "gravel otter lantern seven";

/** A cookie of a browser. */
interface BrowserCookie {
  readonly name: string;
  readonly value: string;
  readonly url: string;
}

/** Accounts of a portal. */
export interface Accounts {
  /** Begins a session and answers its cookie: as `viewer`, `operator`, `editor` or `admin` on everything, or as `finance operator`. */
  readonly as: (who: string) => Promise<string>;
  /** The same as the cookies of a browser, for the portal at `origin`. */
  readonly signIn: (who: string, origin: string) => Promise<readonly BrowserCookie[]>;
  readonly users: ReadonlyMap<string, User>;
}

const USERS: readonly Pick<UserRequest, "name" | "role" | "grants">[] = [
  { name: "admin", role: "admin", grants: [] },
  { name: "viewer", role: "viewer", grants: [] },
  { name: "operator", role: "operator", grants: [] },
  { name: "editor", role: "editor", grants: [] },
  { name: "finance operator", role: null, grants: [{ label: "finance", role: "operator" }] },
];

/** Makes an account of each role in a portal, with {@linkcode PASSWORD}. */
export async function openAccounts({ store }: { readonly store: Store }): Promise<Accounts> {
  const now = await store.now();
  // A hash as the portal makes it costs a third of a second; this one is as right.
  const passwordHash = await hashPassword(PASSWORD, { ln: 4, r: 8, p: 1 });
  const users = new Map<string, User>();
  for (const user of USERS) {
    users.set(user.name, await store.users.create({ ...NOBODY, ...user, passwordHash }, by(now)));
  }
  const secretOf = async (name: string) => {
    const user = users.get(name);
    if (user === undefined) throw new RangeError(`There is no ${name}`);
    const context = operating(store, await store.now());
    const place = { address: "127.0.0.1", userAgent: "tests" };
    const begun = await beginSession(context, { user, method: "local", ...place });
    if (begun === null) throw new Error(`${name} is disabled`);
    return begun.secret;
  };
  return {
    users,
    as: async (name) => `session_8000=${await secretOf(name)}`,
    signIn: async (name, url) => [{ name: `session_${new URL(url).port}`, value: await secretOf(name), url }],
  };
}

/** What a new account is without more. */
export const NOBODY: Omit<UserRequest, "name" | "password"> = {
  role: null,
  grants: [],
  isService: false,
  externalId: null,
};

/** Signs in by the form, and answers the cookie. */
export async function signInAs(
  asStranger: (path: string, init?: RequestInit) => Promise<Response>,
  name: string,
  password: string = PASSWORD,
): Promise<string> {
  const response = await asStranger("/sign-in", {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ name, password, next: "/" }),
  });
  await response.body?.cancel();
  const session = response.headers.getSetCookie().find((cookie) => /^(?:__Host-)?session_/.test(cookie));
  if (session === undefined) throw new Error(`${name} was not signed in: the answer is ${response.status}`);
  return session.split(";")[0] ?? "";
}
