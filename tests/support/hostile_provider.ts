/**
 * An identity provider that answers what a test wants: tokens that no correct provider would issue.
 *
 * @module
 */

/** What a token says, and how it is signed. */
export interface ForgedToken {
  /** Claims that differ from those of a right token; undefined: the token has no such claim. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Parts of the header that differ. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** By whose key it is signed: the provider's, one that the provider does not name, or the client's secret; or not at all. */
  readonly signedBy?: "provider" | "stranger" | "client secret" | "nobody";
}

/** A provider that runs in this process. */
export interface HostileProvider extends AsyncDisposable {
  readonly issuer: string;
  /** What the next answers are; null: a right token for the nonce of the sign-in. */
  token: ForgedToken;
  /** What differs in the discovery document. */
  document: Readonly<Record<string, unknown>>;
  /** What differs in what it says of a user; undefined: it does not say. */
  userinfo: Readonly<Record<string, unknown>>;
  /** The nonce of the sign-in that is under way. */
  nonce: string;
  /** The paths that it was asked for. */
  readonly asked: string[];
}

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** Starts a hostile provider whose client is `portal` with the secret `clientSecret`. */
export async function startHostileProvider(clientSecret: string): Promise<HostileProvider> {
  const { own, stranger } = await (keys ??= newKeys());
  const hmac = await crypto.subtle.importKey("raw", utf8(clientSecret), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const sign = async (text: string, by: ForgedToken["signedBy"]) => {
    if (by === "nobody") return "";
    const key = by === "client secret" ? hmac : (by === "stranger" ? stranger : own).privateKey;
    return base64url(
      new Uint8Array(await crypto.subtle.sign(by === "client secret" ? "HMAC" : ALGORITHM, key, utf8(text))),
    );
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    provider.asked.push(pathname);
    const { issuer } = provider;
    if (pathname === "/.well-known/openid-configuration") {
      return Response.json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        userinfo_endpoint: `${issuer}/userinfo`,
        ...provider.document,
      });
    }
    if (pathname === "/jwks") {
      return Response.json({
        keys: [{ ...await crypto.subtle.exportKey("jwk", own.publicKey), kid: "1", use: "sig" }],
      });
    }
    if (pathname === "/userinfo") return Response.json(provider.userinfo);
    if (pathname !== "/token") return new Response(null, { status: 404 });
    const { claims = {}, header = {}, signedBy = "provider" } = provider.token;
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: issuer,
      aud: "portal",
      sub: "248289761001",
      iat: now,
      exp: now + 300,
      nonce: provider.nonce,
      preferred_username: "alice",
      groups: ["ops"],
      ...claims,
    };
    const text = [{ alg: "RS256", kid: "1", typ: "JWT", ...header }, payload].map((part) =>
      base64url(utf8(JSON.stringify(part)))
    ).join(".");
    const id_token = `${text}.${await sign(text, signedBy)}`;
    return Response.json({ access_token: "x", token_type: "Bearer", id_token });
  });
  const provider: HostileProvider = {
    issuer: `http://127.0.0.1:${server.addr.port}`,
    token: {},
    document: {},
    userinfo: {},
    nonce: "",
    asked: [],
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return provider;
}

/** Made once, because that takes a while. */
let keys: Promise<{ readonly own: CryptoKeyPair; readonly stranger: CryptoKeyPair }> | null = null;

async function newKeys(): Promise<{ readonly own: CryptoKeyPair; readonly stranger: CryptoKeyPair }> {
  const size = { ...ALGORITHM, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const make = () => crypto.subtle.generateKey(size, true, ["sign", "verify"]);
  const [own, stranger] = await Promise.all([make(), make()]);
  return { own, stranger };
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
