import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { beginSession, createUser } from "@jobtrigger/shared/operations";
import { Field } from "../components/Field.tsx";
import { Page } from "../components/Page.tsx";
import { PASSWORD_HELP } from "../components/UserFields.tsx";
import { signedIn } from "../server/access/sign_in.ts";
import { readFields } from "../server/form.ts";
import { operating } from "../server/operating.ts";
import { type Problems, problemsOf } from "../server/problems.ts";
import { seeOther } from "../server/redirect.ts";
import { define } from "../utils.ts";

interface Data {
  readonly name: string;
  readonly problems: Problems;
}

/** Makes the account of the first administrator, who goes on with it. From then on the printed address signs nobody in. */
export const handler = define.handlers<Data>({
  GET({ state }) {
    if (state.actor?.kind !== "local") return seeOther("/settings/users");
    return page({ name: "", problems: {} });
  },
  async POST({ req, state }) {
    if (state.actor?.kind !== "local") return seeOther("/settings/users");
    const form = await readFields(req, ["name", "password"]);
    const [name, password] = [form.get("name") ?? "", form.get("password") ?? ""];
    const context = operating(state);
    try {
      const user = await createUser(context, {
        name,
        password,
        role: "admin",
        grants: [],
        isService: false,
        externalId: null,
      });
      const { address } = state.way;
      const userAgent = req.headers.get("user-agent") ?? "";
      const begun = await beginSession(context, { user, method: "local", address, userAgent });
      const next = "/jobs?notice=first_account";
      return begun === null ? seeOther("/sign-in") : await signedIn(state, req, { ...begun, device: null, next });
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page({ name, problems: problemsOf(error) }, { status: 422 });
    }
  },
});

/** The form of the first account. */
export default define.page<typeof handler>(function FirstAccountPage({ data: { name, problems } }) {
  return (
    <Page
      title="Make the first account"
      verdict="It is an administrator's: it may do everything, and make accounts for others. From then on people sign in with a name and a password, and the address that the portal printed signs nobody in any more."
    >
      <form method="post" action="/first-account" class="panel">
        <div class="body form">
          <Field name="name" label="Name" problem={problems.name}>
            {(a) => (
              <input {...a} autocomplete="username" autocapitalize="none" spellcheck={false} required value={name} />
            )}
          </Field>
          <Field name="password" label="Password" problem={problems.password} help={PASSWORD_HELP}>
            {(a) => <input {...a} type="password" autocomplete="new-password" required />}
          </Field>
          <div class="form-end">
            <button type="submit" class="button primary">Make the account</button>
            <a class="button" href="/jobs">Not now</a>
          </div>
        </div>
      </form>
    </Page>
  );
});
