import { backTo, readForm } from "../server/form.ts";
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
      headers.append("set-cookie", `${name}=${value}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax; HttpOnly`);
    }
    return new Response(null, { status: 303, headers });
  },
});
