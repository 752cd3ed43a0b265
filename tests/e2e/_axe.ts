/**
 * Accessibility of a page, as axe finds it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

const SOURCE = await Deno.readTextFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")));

/** What nobody reads: media that the page would load anew, and what axe found right. */
const QUICK = { preload: false, resultTypes: ["violations"] };

/** Rules of axe. */
export interface Rules {
  readonly type: "tag" | "rule";
  readonly values: readonly string[];
}

/** WCAG 2.2 AA, whose size of targets is not among what axe tries unless it is told to, and what is good practice. */
export const ALL_RULES: Rules = {
  type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

/** Whether text can be read on its background. */
export const CONTRAST: Rules = { type: "rule", values: ["color-contrast"] };

/** Brings axe into a page. The debugger's evaluation is not subject to the policy of the page, which stays in force. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(SOURCE);
}

/** What breaks the rules on a page that has axe, each with its rule and its element. */
export async function faultsOf(page: Page, rules: Rules): Promise<readonly string[]> {
  return await page.evaluate(
    `axe.run(${
      JSON.stringify({ ...QUICK, runOnly: rules })
    }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => id + ": " + html.slice(0, 200) + " " + (any[0]?.message ?? ""))))`,
  );
}
