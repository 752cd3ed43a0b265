/**
 * A real OpenID provider (`npm:oidc-provider`) as a process of its own: `identity_provider.ts` starts it. Whoever asks it to sign in
 * says who they are in the address of the sign-in page, as JSON in `person`; the provider believes it.
 *
 * @module
 */
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { redirectUri, secret } = JSON.parse(Deno.args[0] ?? "{}");

/** What the provider hands to the function that says what a person has agreed to. */
interface GrantContext {
  readonly oidc: {
    readonly session: { readonly accountId: string };
    readonly client: { readonly clientId: string };
    readonly provider: { readonly Grant: new (of: { accountId: string; clientId: string }) => Grant };
  };
}

interface Grant {
  addOIDCScope(scope: string): void;
  save(): Promise<unknown>;
}

/** What the provider says of each person, by subject. */
const people = new Map<string, Record<string, unknown>>();

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("The server has no port");
  const issuer = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "portal",
      client_secret: secret,
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
    }],
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ ...people.get(accountId), sub: accountId }),
    }),
    // Nobody is asked whether the portal may know who they are.
    loadExistingGrant: async ({ oidc: { provider, session, client } }: GrantContext) => {
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on("request", (request, response) => {
    const url = new URL(request.url ?? "/", issuer);
    if (!url.pathname.startsWith("/interaction/")) return answer(request, response);
    const person = JSON.parse(url.searchParams.get("person") ?? "null");
    if (person === null) return response.writeHead(400).end("Who is it?");
    people.set(person.sub, person);
    return provider.interactionFinished(request, response, { login: { accountId: person.sub } });
  });
  console.log(issuer);
});
