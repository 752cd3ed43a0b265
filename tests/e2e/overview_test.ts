import { epochMs } from "../../shared/domain/mod.ts";
import { type TestPortal, withPortal } from "./_portal.ts";
import { addJob, begin } from "./_seed.ts";

/** Lets a scheduler say that it is there, as it does every few seconds; the overview misses one that is silent for long. */
async function schedulerReports({ store }: TestPortal): Promise<void> {
  await store.services.report(
    { serviceId: "s", kind: "scheduler", hostname: "h", processId: 1, version: "1" },
    epochMs(Date.now()),
  );
}

Deno.test("the tab says without a reload when the trouble is over, and when it comes back", async () => {
  await withPortal(async (portal) => {
    const manual = { schedule: "manual", max_retries: 0 };
    const job = await addJob(portal, { name: "Backup", script: "backup/nightly.sh", ...manual });
    const run = async (exitCode: number) => {
      await (await begin(portal, job)).end(exitCode);
      await schedulerReports(portal);
    };
    await run(3);
    const page = await portal.open("/jobs");
    const says = (title: RegExp, icon: string) =>
      page.evaluate(
        `new Promise((resolve) => {
          const icon = document.querySelector("link[rel=icon]");
          const look = () =>
            ${title}.test(document.title) && icon.href.includes("${icon}") ? resolve() : requestAnimationFrame(look);
          look();
        })`,
      );
    await says(/^✗ 1 · Jobs/, "favicon-bad");
    const hears = (sentence: string) =>
      page.locator("[role=status][data-announce]").getByText(sentence).waitFor({ state: "attached" });
    await run(0);
    await says(/^Jobs/, "favicon.svg");
    await hears("Health: All is well.");
    await run(3);
    await says(/^✗ 1 · Jobs/, "favicon-bad");
    await hears("Health: 1 needs attention.");
  });
});
