import { backTo, readForm } from "../server/form.ts";
import { zoneCookie } from "../server/zone_choice.ts";
import { define } from "../utils.ts";

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  theme: ["system", "light", "dark"],
  keys: ["on", "off"],
};

const YEAR_SECONDS = 31_536_000;

/** Keeps how this browser wants its pages, in cookies. */
export const handler = define.handlers({
  async POST(ctx) {
    const form = await readForm(ctx.req);
    const headers = new Headers({ location: backTo(form, "/jobs") });
    for (const [name, values] of Object.entries(CHOICES)) {
      const value = values.find((known) => known === form.get(name));
      if (value === undefined) continue;
      headers.append("set-cookie", cookieOf(name, value));
    }
    const zone = zoneCookie(form);
    if (zone !== null) headers.append("set-cookie", cookieOf("zone", zone));
    return new Response(null, { status: 303, headers });
  },
});

function cookieOf(name: string, value: string): string {
  return `${name}=${value}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax; HttpOnly`;
}
