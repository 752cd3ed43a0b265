import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright } from "playwright-core";

/** What the package would switch off that the tests are about: a page must be safe in a browser as people have it. */
const unwanted =
  /^--(disable-web-security|allow-running-insecure-content|disable-site-isolation-trials|single-process)/;

/** What Chromium must not do on its own account, so that a test sees only the requests of its pages. */
const quiet = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-sync",
  "--no-first-run",
];

/**
 * Starts the Chromium that comes inside an npm package, without a window. The caller closes it.
 *
 * @throws {Error} when the machine lacks a library that Chromium needs; the message names it.
 */
export async function openBrowser(): Promise<Browser> {
  return await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((arg) => !unwanted.test(arg)), ...quiet],
  });
}
