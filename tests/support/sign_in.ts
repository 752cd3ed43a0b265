import { signInAddress } from "../../app/server/access/local.ts";

/** Signs in with the token that a portal printed, and answers the cookie that says so. */
export async function signIn(get: (path: string) => Promise<Response>, token: string): Promise<string> {
  const response = await get(signInAddress("", token));
  await response.body?.cancel();
  const [cookie] = response.headers.getSetCookie();
  if (cookie === undefined) throw new Error(`The portal signed nobody in: it answered ${response.status}`);
  return cookie.split(";")[0] ?? "";
}

/** Signs in at the address that a portal printed, and answers the portal's origin and the cookie. */
export async function signInAt(address: string): Promise<{ readonly origin: string; readonly cookie: string }> {
  const { origin, searchParams } = new URL(address);
  const get = (path: string) => fetch(origin + path, { redirect: "manual" });
  return { origin, cookie: await signIn(get, searchParams.get("token") ?? "") };
}
