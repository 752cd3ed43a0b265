/**
 * Writes a picture of each page, in both themes and three widths: `deno task screenshots FOLDER [PATH…]`.
 *
 * @module
 */
import { withPortal } from "./_portal.ts";
import { seedDays } from "./_days.ts";
import { seed } from "./_seed.ts";

const WIDTHS = [1280, 820, 360] as const;
const THEMES = ["light", "dark"] as const;

const [folder = "screenshots", ...only] = Deno.args;
const EMPTY = ["/", "/queue", "/jobs", "/runs", "/workers", "/timeline", "/statistics", "/audit", "/first-account"];

await withPortal(async (portal) => {
  for (const status of [401, 403, 404, 422]) portal.expect(status);
  const page = await portal.open("/help");
  for (const path of EMPTY) await shoot("empty", path);
  await seedDays(portal);
  const { job, good, bad, running, unusual, waiting } = await seed(portal);
  const paths = [
    "/",
    "/queue",
    "/jobs",
    "/jobs?q=nothing",
    "/runs",
    "/workers",
    "/timeline",
    "/timeline?range=last-24h",
    "/timeline/month",
    "/statistics",
    "/search?q=re",
    "/audit",
    "/help",
    "/help?q=lease",
    "/help/docs/policies",
    "/help/api",
    "/jobs/new",
  ];
  paths.push("/settings/users", `/jobs/bulk?do=pause&id=${job.id}&id=${unusual.id}`);
  for (
    const rest of ["", "/edit", "/delete", "/run", "/revisions", "/backfill?from=2025-11-01&to=2025-11-20", "/webhooks"]
  ) {
    paths.push(`/jobs/${job.id}${rest}`, `/jobs/${unusual.id}${rest}`);
  }
  for (const { id } of [good, bad, running.run, waiting]) paths.push(`/runs/${id}`);
  for (const path of paths) await shoot("full", path);
  for (const path of ["/nowhere", "/jobs?q=lable:eu", "/timeline?from=tomorrow"]) await shoot("error", path);
  await page.context().clearCookies();
  await shoot("error", "/jobs?token=old");

  /** Writes the pictures of one page. */
  async function shoot(kind: string, path: string): Promise<void> {
    if (only.length > 0 && !only.includes(path)) return;
    await Deno.mkdir(`${folder}/${kind}`, { recursive: true });
    await page.goto(portal.origin + path);
    await page.locator("h1").waitFor();
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const name = path.replace(/\W+/g, "_").replace(/^_/, "");
        await page.screenshot({ path: `${folder}/${kind}/${name}-${colorScheme}-${width}.png`, fullPage: true });
      }
    }
  }
});
