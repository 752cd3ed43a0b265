/**
 * How the portal is built: its folders, and its style sheet, which is one file for the browser and many here.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { Builder } from "fresh/dev";

/** Builds the portal into `_fresh/`, or in memory. */
export function portalBuilder(): Builder {
  const builder = new Builder({ root: import.meta.dirname ?? ".", outDir: "../_fresh" });
  builder.onTransformStaticFile(
    { pluginName: "style sheet", filter: /[\\/]styles\.css$/ },
    async ({ path, text }) => ({ content: await withImports(text, dirname(path)) }),
  );
  return builder;
}

/** A style sheet with the files that it imports in place of its `@import` lines, in their order. */
async function withImports(text: string, dir: string): Promise<string> {
  const [head = "", ...rest] = text.split(/^@import "/m);
  const parts = await Promise.all(rest.map(async (part) => {
    const end = part.indexOf('";\n');
    return await Deno.readTextFile(join(dir, part.slice(0, end))) + part.slice(end + 3);
  }));
  return head + parts.join("");
}
