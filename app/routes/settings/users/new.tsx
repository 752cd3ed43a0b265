import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { createUser } from "@jobtrigger/shared/operations";
import { Field } from "../../../components/Field.tsx";
import { Page } from "../../../components/Page.tsx";
import { PASSWORD_HELP, type RoleFields, RoleInputs } from "../../../components/UserFields.tsx";
import { readFields } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { type Problems, problemsOf } from "../../../server/problems.ts";
import { seeOther } from "../../../server/redirect.ts";
import { readRole, ROLE_FIELDS, typedRole } from "../../../server/user_form.ts";
import { define } from "../../../utils.ts";

interface Data extends RoleFields {
  readonly name: string;
  readonly isService: boolean;
  readonly problems: Problems;
}

/** Makes an account: a person's, or a service account. */
export const handler = define.handlers<Data>({
  async GET({ state }) {
    // The first one is an administrator's, and whoever makes it goes on with it.
    if (state.actor?.kind === "local" && !await state.portal.hasAdministrator()) return seeOther("/first-account");
    return page({ name: "", role: "viewer", grants: "", isService: false, problems: {} });
  },
  async POST({ req, state }) {
    const form = await readFields(req, ["name", "password", "service", ...ROLE_FIELDS]);
    const typed = { name: form.get("name") ?? "", isService: form.get("service") === "on", ...typedRole(form) };
    const password = form.get("password") ?? "";
    try {
      const { id } = await createUser(operating(state), {
        name: typed.name,
        ...readRole(typed),
        password: password === "" ? null : password,
        isService: typed.isService,
        externalId: null,
      });
      return seeOther(`/settings/users/${id}?notice=user_created`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page({ ...typed, problems: problemsOf(error) }, { status: 422 });
    }
  },
});

/** The form of a new account. */
export default define.page<typeof handler>(function NewUserPage({ data }) {
  const { name, role, grants, isService, problems } = data;
  return (
    <Page title="Add user" crumbs={[["/settings/users", "Users"]]}>
      <form method="post" action="/settings/users/new" class="panel">
        <div class="body form">
          <Field
            name="name"
            label="Name"
            problem={problems.name}
            help="An address such as alice@example.com is a name too."
          >
            {(a) => <input {...a} required autocapitalize="none" autocomplete="off" spellcheck={false} value={name} />}
          </Field>
          <RoleInputs role={role} grants={grants} problems={problems} />
          <Field
            name="password"
            label="Password"
            problem={problems.password}
            help={`${PASSWORD_HELP} Empty: no password signs them in.`}
          >
            {(a) => <input {...a} type="password" autocomplete="new-password" />}
          </Field>
          <div class="field">
            <label class="check">
              <input type="checkbox" name="service" checked={isService} />
              A service account: nobody signs in, programs act by its API tokens
            </label>
          </div>
          <div class="form-end">
            <button type="submit" class="button primary">Add user</button>
            <a class="button" href="/settings/users">Cancel</a>
          </div>
        </div>
      </form>
    </Page>
  );
});
