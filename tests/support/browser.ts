import chromium, { inflate } from "@sparticuz/chromium";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import { type Browser, chromium as playwright } from "playwright-core";
import { withLock } from "./lock.ts";
import { temporaryDirectory } from "./temporary.ts";

/**
 * Flags of the package that would switch off protections which people's browsers have, and those that make each page cost several
 * times as much: a graphics card played by the processor, and a program loaded anew for each page.
 */
const unwanted = new RegExp(
  [
    /^--(?:disable-web-security|allow-running-insecure-content|disable-site-isolation-trials|single-process)/,
    /^--(?:ignore-gpu-blocklist|in-process-gpu|use-gl|use-angle|enable-unsafe-swiftshader|no-zygote)/,
  ].map(({ source }) => source).join("|"),
);

/** Keeps Chromium from requests of its own, so that a test sees only those of its pages, and from a graphics card. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-sync",
  "--no-first-run",
];

/**
 * Starts the Chromium that comes inside an npm package, without a window; the caller closes it. The package brings the libraries
 * and fonts too, so the machine needs none.
 */
export async function openBrowser(): Promise<Browser> {
  // The package unpacks into the temporary directory and takes a file that is there for a whole one, so one process at a time.
  const { executablePath, libraries, fonts } = await withLock("browser", async () => ({
    executablePath: await chromium.executablePath(),
    libraries: await inflate(join(packageDirectory(), "bin", "al2023.tar.br")),
    fonts: await configureFonts(),
  }));
  // A browser that is closed in the middle of something leaves files behind.
  const files = await Deno.makeTempDir({ prefix: "jobtrigger-browser-" });
  const browser = await playwright.launch({
    executablePath,
    args: [...chromium.args.filter((arg) => !unwanted.test(arg)), ...quiet],
    env: {
      ...Deno.env.toObject(),
      TMPDIR: files,
      LD_LIBRARY_PATH: join(libraries, "lib"),
      FONTCONFIG_PATH: fonts,
    },
  });
  const close = browser.close.bind(browser);
  browser.close = async (options) => {
    await close(options);
    await Deno.remove(files, { recursive: true });
  };
  return browser;
}

let shared: Promise<Browser> | undefined;

/** The browser of all tests of an isolate, which run one after another; disposal closes what the test has opened in it. */
export async function sharedBrowser(): Promise<AsyncDisposable & { readonly browser: Browser }> {
  const browser = await (shared ??= openBrowser());
  return {
    browser,
    async [Symbol.asyncDispose]() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
  };
}

/** Closes the browser of {@linkcode sharedBrowser}, for programs that are no tests. */
export async function closeSharedBrowser(): Promise<void> {
  await (await shared)?.close();
  shared = undefined;
}

Deno.test.afterAll(closeSharedBrowser);

/** Names the unpacked fonts where fontconfig looks: the package's own file knows them in /tmp alone, and without any, pages crash. */
async function configureFonts(): Promise<string> {
  const fonts = join(temporaryDirectory(), "fonts");
  const text = `<fontconfig><dir>${fonts}</dir><cachedir>${fonts}/cache</cachedir></fontconfig>\n`;
  const file = join(fonts, "fonts.conf");
  if (await Deno.readTextFile(file) !== text) await Deno.writeTextFile(file, text);
  return fonts;
}

function packageDirectory(): string {
  return dirname(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))));
}
