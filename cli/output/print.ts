import { Invalid } from "@jobtrigger/shared/domain";
import type { Json } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";
import { formOf, type OutputFlags } from "./form.ts";
import { oneLine } from "./text.ts";
import { printJson, yamlText } from "./value.ts";

/** One thing, in each form of output. */
export interface Printed {
  /** For programs. */
  readonly form: () => Json | Promise<Json>;
  /** What `-o name` prints, a line each; absent: it has no name. */
  readonly names?: readonly string[];
  /** For people: a line, or what prints more than one. */
  readonly text: string | (() => Promise<void>);
}

/** Prints one thing in the form that flags ask for. @throws {Invalid} when it has no such form. */
export async function print(io: Io, flags: OutputFlags, { form, names, text }: Printed): Promise<void> {
  switch (formOf(flags)) {
    case "json":
      return await printJson(io, await form());
    case "yaml":
      return await io.out(await yamlText(await form()));
    case "name":
      if (names === undefined) throw noNames();
      return await io.out(names.map((name) => `${oneLine(name)}\n`).join(""));
    case "text":
    case "wide":
      return typeof text === "string" ? await io.out(`${oneLine(text)}\n`) : await text();
  }
}

function noNames(): Invalid {
  return new Invalid([{
    field: "--output",
    message: 'found "name", but this has no names; expected json, yaml or wide',
  }]);
}

/** What a change is about: `job 3 "nightly"`. */
export function subject(kind: string, { id, name }: { readonly id?: number; readonly name?: string }): string {
  return [kind, ...(id === undefined ? [] : [id]), ...(name === undefined ? [] : [JSON.stringify(name)])].join(" ");
}
