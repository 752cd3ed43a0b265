import { HttpError, page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { changeOwnPassword } from "@jobtrigger/shared/operations";
import { readCookie } from "../../server/access/cookies.ts";
import { mustWait } from "../../server/access/sign_in.ts";
import { type AccountData, accountData, ownUser } from "../../server/account_page.ts";
import { readFields } from "../../server/form.ts";
import { operating } from "../../server/operating.ts";
import { type Problems, problemsOf } from "../../server/problems.ts";
import { seeOther } from "../../server/redirect.ts";
import { define } from "../../utils.ts";

export { default } from "./index.tsx";

/** Changes one's own password, which takes the old one. All other sessions end. */
export const handler = define.handlers<AccountData>({
  async POST({ req, state }) {
    const form = await readFields(req, ["username", "old_password", "password"]);
    const { session, way } = state;
    const { id } = ownUser(state);
    if (session === null) throw new HttpError(403, "Who is signed in by a proxy has no password here");
    const again = async (status: number, passwordProblems: Problems) =>
      page(await accountData(state, { passwordProblems }), { status });
    try {
      const result = await changeOwnPassword(operating(state), {
        id,
        password: form.get("old_password") ?? "",
        newPassword: form.get("password") ?? "",
        session: session.id,
        address: way.address,
        device: readCookie(req.headers, way, "device"),
      });
      if (result.outcome === "changed") return seeOther("/account?notice=password");
      if (result.outcome === "refused") return await again(422, { old_password: "It is wrong" });
      return await again(429, { old_password: mustWait(result) });
    } catch (error) {
      if (error instanceof Invalid) return await again(422, problemsOf(error));
      throw error;
    }
  },
});
