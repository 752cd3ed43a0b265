/**
 * Writes pictures of the pages: `deno task screenshots FOLDER [--pages jobs,job] [--states empty,full] [--themes light] [--sizes 1280,zoom]
 * [--window]`. Each page and state becomes a folder with a picture in both themes, in three widths and at 200 % zoom. With
 * `--window` a picture shows what the window shows, else the whole page. With DATABASE_URL the pages of that database are `huge`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { BrowserContext, Page } from "playwright-core";
import { migrations } from "@jobtrigger/shared/migrations";
import { openStore } from "../../shared/store/mod.ts";
import { closeSharedBrowser } from "../support/browser.ts";
import type { TestStore } from "../support/store.ts";
import { chapters, type Cookie, hugePictures, type Picture, reportServices } from "./_pictures.ts";
import { type TestPortal, withPortal } from "./_portal.ts";

/** A window; at 200 % zoom it has half the pixels. */
const SIZES = {
  "1280": { width: 1280, height: 900, scale: 1 },
  "820": { width: 820, height: 1100, scale: 1 },
  "360": { width: 360, height: 740, scale: 1 },
  zoom: { width: 640, height: 450, scale: 2 },
} as const;
const THEMES = ["light", "dark"] as const;

const { values, positionals: [folder = "screenshots"] } = parseArgs({
  allowPositionals: true,
  options: {
    pages: { type: "string" },
    states: { type: "string" },
    themes: { type: "string" },
    sizes: { type: "string" },
    window: { type: "boolean", default: false },
  },
});
const isWanted = (list: string | undefined, name: string) => list === undefined || list.split(",").includes(name);
const themes = THEMES.filter((theme) => isWanted(values.themes, theme));

const url = Deno.env.get("DATABASE_URL");
// A browser that is left open would keep this program from ending.
await using _browser = { [Symbol.asyncDispose]: closeSharedBrowser };
if (url !== undefined) {
  await withPortal(async (portal) => {
    const camera = await openCamera(portal);
    for (const picture of (await hugePictures(portal)).filter(isWantedPicture)) await shootOrSay(camera, picture);
  }, { open: () => openPresent(url) });
} else {
  await withPortal(async (portal) => {
    for (const status of [401, 403, 404, 422, 503]) portal.expect(status);
    const camera = await openCamera(portal);
    for await (const { prepare, pictures, isServed = false } of chapters(portal)) {
      const wanted = pictures.filter(isWantedPicture);
      if (wanted.length === 0) continue;
      const cookies = await prepare(portal);
      if (cookies !== "as before") await camera.signIn(cookies);
      for (const picture of wanted) {
        if (isServed) await reportServices(portal);
        await shootOrSay(camera, picture);
      }
    }
  });
}

function isWantedPicture({ name }: Picture): boolean {
  const [page = "", state = ""] = name.split("/");
  return isWanted(values.pages, page) && isWanted(values.states, state);
}

/** One page that cannot be had is no reason to have none of the others. */
async function shootOrSay({ shoot }: Pick<Camera, "shoot">, picture: Picture): Promise<void> {
  try {
    await shoot(picture);
  } catch (error) {
    console.error(`No picture ${picture.name}:`, error);
    Deno.exitCode = 1;
  }
}

interface Camera {
  readonly shoot: (picture: Picture) => Promise<void>;
  readonly signIn: (cookies: readonly Cookie[]) => Promise<void>;
}

/** A tab for each scale, because a profile has one. */
async function openCamera(portal: TestPortal): Promise<Camera> {
  const tabs = new Map<number, Page>();
  for (const deviceScaleFactor of [1, 2]) {
    tabs.set(deviceScaleFactor, await portal.open("/help", { deviceScaleFactor }));
  }
  const contexts: readonly BrowserContext[] = [...tabs.values()].map((page) => page.context());
  return {
    signIn: async (cookies) => {
      for (const context of contexts) {
        await context.clearCookies();
        await context.addCookies([...cookies]);
      }
    },
    shoot: async (picture) => {
      if (!isWantedPicture(picture)) return;
      await Deno.mkdir(`${folder}/${picture.name}`, { recursive: true });
      for (const [scale, page] of tabs) {
        const sizes = Object.entries(SIZES).filter(([name, size]) =>
          size.scale === scale && isWanted(values.sizes, name)
        );
        if (sizes.length === 0 || (picture.as !== undefined && scale === 2)) continue;
        await page.emulateMedia({ media: null, colorScheme: "light", forcedColors: "none" });
        await page.setViewportSize(SIZES["1280"]);
        await page.goto(portal.origin + picture.path);
        await page.locator("h1").waitFor();
        await picture.act?.(page);
        if (picture.as === "print") await page.emulateMedia({ media: "print" });
        if (picture.as === "forced") await page.emulateMedia({ forcedColors: "active" });
        for (const theme of themes) {
          await page.emulateMedia({ colorScheme: theme });
          for (const [name, size] of picture.as === undefined ? sizes : sizes.slice(0, 1)) {
            await page.setViewportSize(size);
            const path = `${folder}/${picture.name}/${theme}-${name}.png`;
            await page.screenshot({ path, fullPage: !values.window });
          }
        }
      }
    },
  };
}

/** A database that is there already and stays. */
async function openPresent(url: string): Promise<TestStore> {
  const stores = [await openStore(url, { migrations })];
  return {
    store: stores[0]!,
    url,
    another: async () => {
      const store = await openStore(url, { migrations });
      stores.push(store);
      return store;
    },
    sql: () => Promise.reject(new Error("This database is only looked at")),
    [Symbol.asyncDispose]: async () => {
      for (const store of stores) await store.close();
    },
  };
}
