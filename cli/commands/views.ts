import type { Command } from "commander";
import { Invalid, NotFound } from "@jobtrigger/shared/domain";
import { viewForm } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";
import { type OutputFlags, print, printTable } from "../output/mod.ts";
import { withSession } from "../session.ts";

/** Adds `jobs views …`. */
export function addViewCommands(jobs: Command, io: Io): void {
  const views = jobs.command("views").description("filters of the list of jobs that you keep under a name");

  views.command("list").description("list your views").action((flags: OutputFlags) =>
    withSession(io, async ({ client }) => {
      const all = await client.listViews();
      await print(io, flags, {
        form: () => all.map(viewForm),
        names: all.map(({ name }) => name),
        text: () =>
          printTable(io, flags, all, [
            ["NAME", ({ name }) => name, { shrinks: true }],
            ["FILTER", ({ query }) => new URLSearchParams(query).get("q") ?? "-", { shrinks: true }],
            ["STATE", ({ query }) => new URLSearchParams(query).get("state") ?? "-"],
          ]),
      });
    })
  );

  views.command("save").description("keep a filter under a name, in place of the one that has the name")
    .argument("<name>", "what you call it")
    .argument("<filter...>", "such as label:nightly state:failing: docs/filters.md")
    .action((name: string, words: readonly string[], flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        const query = new URLSearchParams({ q: words.join(" ") });
        const view = await client.saveView({ name, query: query.toString() });
        await print(io, flags, { form: () => viewForm(view), names: [view.name], text: `view ${view.name} saved` });
      })
    );

  views.command("delete").description("remove a view of yours").argument("<name>", "its name")
    .action((name: string, flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        if (name.trim() === "") throw new Invalid([{ field: "name", message: "is missing" }]);
        const view = (await client.listViews()).find((one) => one.name === name.trim());
        if (view === undefined) throw new NotFound(`There is no saved view ${JSON.stringify(name)}`);
        await client.removeView(view.id);
        await print(io, flags, { form: () => ({ id: view.id, result: "deleted" }), text: `view ${view.name} deleted` });
      })
    );
}
