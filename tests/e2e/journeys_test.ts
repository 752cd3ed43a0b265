/**
 * What people come to the portal for, each way by mouse, by keyboard and by touch on a phone: one portal, one browser, a page for each.
 * A click, a key that presses something and a tap count as one; typing counts nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { epochMs } from "../../shared/domain/mod.ts";
import { type TestPortal, withPortal, ZONE } from "./_portal.ts";
import { seedDays } from "./_days.ts";
import { addJob, begin, WORKER } from "./_seed.ts";

const PHONE: BrowserContextOptions = { hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } };

/** One way to use a page. */
class Means {
  readonly page: Page;
  readonly name: string;
  readonly isPhone: boolean;
  readonly #press: (target: Locator) => Promise<void>;
  #clicks = 0;

  constructor(page: Page, name: string, press: (target: Locator) => Promise<void>) {
    this.page = page;
    this.name = name;
    this.isPhone = name === "touch";
    this.#press = press;
  }

  /** Opens an address and begins to count. */
  async begin(portal: TestPortal, path: string): Promise<void> {
    await this.page.goto(portal.origin + path);
    // The browser's zone is offered once scripts run.
    await this.page.waitForFunction(() => document.querySelector("option[value=browser]:not([hidden])") !== null);
    this.#clicks = 0;
  }

  /** Presses something that is on the screen. */
  async act(target: Locator): Promise<void> {
    await this.#press(target);
    this.#clicks++;
  }

  /** Fails when more clicks were needed. */
  needed(atMost: number): void {
    assert.ok(this.#clicks <= atMost, `${this.#clicks} clicks by ${this.name}, expected at most ${atMost}`);
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole("link", { name });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }
}

const MEANS:
  readonly (readonly [name: string, options: BrowserContextOptions, press: (at: Locator) => Promise<void>])[] = [
    ["mouse", {}, (target) => target.click()],
    ["keyboard", {}, async (target) => {
      await target.focus();
      const isBox = await target.evaluate((element) => element.matches("label, [type=radio], [type=checkbox]"));
      await target.press(isBox ? "Space" : "Enter");
    }],
    ["touch", PHONE, (target) => target.tap()],
  ];

type Journey = (by: Means) => Promise<void>;

Deno.test("people reach what they came for by mouse, keyboard and touch", async (test) => {
  await withPortal(async (portal) => {
    const { store } = portal;
    /** The worker reports, and the scheduler did so long ago, in milliseconds. */
    const report = async (schedulerAgoMs: number) => {
      const now = epochMs(Date.now());
      const service = {
        serviceId: "s",
        kind: "scheduler",
        hostname: "node-1.example",
        processId: 1,
        version: "1",
      } as const;
      await store.services.report(service, epochMs(now - schedulerAgoMs));
      await store.queue.heartbeat({ workerId: WORKER, held: [], status: "IDLE", leaseMs: 60_000, now });
    };
    await seedDays(portal);
    const manual = { schedule: "manual", max_retries: 0 };
    const group = ["A", "B", "C"].map((name) => ({ name: `Maintained ${name}`, labels: "maintained" }));
    for (const input of group) await addJob(portal, { ...input, script: "report.py", schedule: "daily at 02:00" });
    const failing = await addJob(portal, { name: "Report", script: "report.py", ...manual });
    const big = await begin(portal, failing);
    const line = (n: number) => n === 301 || n === 2101 ? `No space left, ${n}\n` : `line ${n}\n`;
    await big.write(Array.from({ length: 2400 }, (_, i) => line(i + 1)).join(""));
    await big.write("disk full\n", "stderr");
    await big.end(3);
    await report(0);

    const journeys: Readonly<Record<string, Journey>> = {
      async "a group is paused for maintenance in three clicks, and resumed in two"(by) {
        await by.begin(portal, "/jobs");
        if (by.isPhone) {
          await by.act(by.page.locator("[data-filter]"));
          await by.page.keyboard.type("label:maintained");
          await by.page.keyboard.press("Enter");
        } else await by.act(by.page.locator("a.chip", { hasText: "maintained" }).first());
        await by.page.waitForURL(/q=label%3Amaintained/);
        await by.act(by.page.locator(".matching a", { hasText: "Pause…" }));
        await by.act(by.button("Pause 3 jobs"));
        await by.page.getByRole("heading", { name: "3 jobs paused" }).waitFor();
        by.needed(3);
        const paused = await store.jobs.list({ labels: [["maintained"]], states: ["paused"], limit: 9 });
        assert.equal(paused.items.length, 3);
        await by.begin(portal, "/jobs?q=label:maintained");
        await by.act(by.page.locator(".matching a", { hasText: "Resume…" }));
        await by.act(by.button("Resume 3 jobs"));
        await by.page.getByRole("heading", { name: "3 jobs resumed" }).waitFor();
        by.needed(2);
      },

      async "what runs tonight from 01:00 to 04:00 is seen in three clicks"(by) {
        await by.begin(portal, "/");
        if (by.isPhone) await by.act(by.page.locator(".nav summary"));
        await by.act(by.page.locator(".nav").getByRole("link", { name: "Timeline" }).filter({ visible: true }));
        await by.page.waitForURL("**/timeline");
        await by.act(by.link("Tonight 01–04"));
        await by.page.waitForURL("**/timeline?range=tonight");
        by.needed(3);
        assert.match(await by.page.locator(".verdict").innerText(), /, 01:00 to 04:00, Asia\/Hong_Kong: .*planned\.$/);
        const names = await by.page.locator(".tl tbody th a").allInnerTexts();
        // From 02:00 to 04:00 tonight is this night, whose backup is not planned any more.
        const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", timeZone: "Asia/Hong_Kong" }).format(
          Date.now(),
        );
        const isPlanned = hour !== "02" && hour !== "03";
        assert.ok(!names.includes("Yearly archive"), names.join());
        assert.equal(names.includes("Nightly backup"), isPlanned, names.join());
        const planned = await by.page.locator("#planned tbody tr", { hasText: "Nightly backup" }).allInnerTexts();
        assert.equal(planned.some((text) => text.includes("02:00")), isPlanned);
      },

      async "a job is cloned in four clicks, and the copy begins paused"(by) {
        await by.begin(portal, "/jobs?q=job:Report");
        await by.act(by.link("More for Report"));
        await by.act(by.page.locator("#job-menu a", { hasText: "Clone…" }));
        await by.page.waitForURL(/\/jobs\/new\?from=\d+$/);
        await by.page.getByLabel("Name").fill(`Report by ${by.name}`);
        await by.act(by.button("Create job"));
        await by.page.getByText("The job was created, paused").waitFor();
        by.needed(4);
        const [copy] = await store.jobs.find(`Report by ${by.name}`);
        assert.deepEqual([copy?.scriptPath, copy?.isActive], ["report.py", false]);
      },

      async "how a job's duration developed is on its page"(by) {
        await by.begin(portal, "/jobs?q=crm&sort=name");
        await by.act(by.page.locator("a.name", { hasText: "Sync CRM contacts" }));
        const chart = by.page.locator("#duration svg[role=slider]");
        assert.match(await chart.getAttribute("aria-label") ?? "", /Half took up to .*95 of 100 up to .*failed/);
        await by.act(by.page.locator("#duration .fold summary"));
        await by.page.locator("#duration tbody tr").first().waitFor();
        by.needed(2);
        assert.ok(await by.page.locator("#duration tbody tr").count() > 10);
      },

      async "a text is found in a long output, and the match after it"(by) {
        await by.begin(portal, `/runs/${big.run.id}`);
        await by.page.getByLabel("Find in the output").fill("no SPACE");
        await by.page.keyboard.press("Enter");
        await by.page.locator("#L301 mark").waitFor();
        assert.match(await by.page.locator(".find [role=status]").innerText(), /^1 of 2/);
        await by.act(by.link("Next match"));
        await by.page.locator("#L2101 mark").waitFor();
        by.needed(1);
      },

      async "an edit is taken back in one click"(by) {
        const { id } = await addJob(portal, { name: `Right ${by.name}`, script: "report.py", ...manual });
        await by.begin(portal, `/jobs/${id}/edit`);
        await by.page.getByLabel("Name").fill("Wrong");
        await by.act(by.page.getByRole("button", { name: "Save", exact: true }));
        await by.page.getByRole("heading", { name: "Wrong" }).waitFor();
        await by.act(by.button("Undo"));
        await by.page.getByRole("heading", { name: `Right ${by.name}` }).waitFor();
        by.needed(2);
        assert.equal((await store.jobs.get(id))?.name, `Right ${by.name}`);
      },

      async "a frozen scheduler is seen on the page that is open, and named in one click"(by) {
        await by.begin(portal, "/runs");
        await by.page.locator("[data-connection=live]").waitFor();
        const lost = by.page.locator(".health a.bad", { hasText: "Scheduler" });
        // What the services reported last is read within a second.
        while (await lost.count() > 0) await by.page.reload();
        await by.page.locator("[data-connection=live]").waitFor();
        // The worker goes on, so that the page is brought up to date.
        await report(31_000);
        await lost.waitFor({ state: "attached" });
        await by.act(by.page.locator(".health .sign"));
        await by.page.getByText("It has stopped or hangs").waitFor();
        by.needed(1);
      },

      async "a weekly job in the portal's zone takes five clicks"(by) {
        const name = `Weekly by ${by.name}`;
        await by.begin(portal, "/jobs");
        await by.act(by.link("New job").first());
        await by.page.getByLabel("Name").fill(name);
        await by.page.getByLabel("Script").fill("report.py");
        const choose = async (label: string) => {
          const box = by.page.locator("label", { hasText: new RegExp(`^${label}$`) });
          await by.act(by.name === "keyboard" ? box.locator("input") : box);
        };
        await choose("Weekly");
        await choose("Fri");
        await choose("Mon");
        await by.page.waitForFunction(() => document.querySelector(".sentence")?.textContent?.includes("Friday"));
        await by.act(by.button("Create job"));
        await by.page.getByText("The job was created.").waitFor();
        by.needed(5);
        const [job] = await store.jobs.find(name);
        assert.deepEqual([job?.schedule, job?.timezone], [{ kind: "weekly", days: ["fri"], time: "09:00" }, ZONE]);
      },

      async "why the last run failed is one click away from the first page, and so is stopping a script"(by) {
        await by.begin(portal, "/");
        assert.match(await by.page.title(), /^✗ \d+ · Overview/);
        assert.match(await by.page.locator("link[rel=icon]").getAttribute("href") ?? "", /favicon-bad/);
        await by.act(by.link(/^Why it failed\s*: Report$/));
        await by.page.getByText("disk full").first().waitFor();
        by.needed(1);
        const script = await begin(
          portal,
          await addJob(portal, { name: `Script ${by.name}`, script: "sync.ts", ...manual }),
        );
        await by.begin(portal, "/");
        await by.act(by.button(new RegExp(`^Stop\\s*: Script ${by.name}$`)));
        await by.page.getByText("The script was asked to stop").waitFor();
        by.needed(1);
        const state = (await store.runs.get(script.run.id))?.state;
        assert.ok(state?.status === "IN_PROGRESS" && state.cancelRequestedAt !== null);
        await script.end(0);
      },
    };

    for (const [name, options, press] of MEANS) {
      const by = new Means(await portal.open("/help", options), name, press);
      for (const [journey, walk] of Object.entries(journeys)) {
        await test.step(`by ${name}: ${journey}`, async () => {
          await report(0);
          await walk(by);
        });
      }
      await by.page.context().close();
    }
  });
});
