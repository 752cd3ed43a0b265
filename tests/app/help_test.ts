import assert from "node:assert/strict";
import { parseIndex, renderDocs } from "../../app/docs.ts";
import { searchDocs } from "../../app/server/help.ts";
import { openPortal } from "./_portal.ts";

const PAGES = [
  [
    "first.md",
    "# First\n\nAbout it. More.\n\n## The `way`\n\nSee [second](second.md#deep-down), [code](../app/main.ts) and " +
    "[a site](https://example.com).\n\n<script>alert(1)</script>\n\n| a | b |\n| - | - |\n| 1 | x & y |\n",
  ],
  ["second.md", "# Second\n\nNothing.\n\n## Deep down\n\nA lease ends.\n"],
] as const;

Deno.test("a page of the documentation has anchors, links to the other pages, and nothing that is run", () => {
  const [first] = renderDocs(PAGES);
  assert.deepEqual([first?.slug, first?.title], ["first", "First"]);
  assert.match(first?.html ?? "", /<h2 id="the-way">The <code>way<\/code> <a\s+class="anchor" href="#the-way"/);
  assert.match(
    first?.html ?? "",
    /See <a\s+href="\/help\/docs\/second#deep-down">second<\/a>, code and <a\s+href="https:/,
  );
  assert.match(first?.html ?? "", /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.match(first?.html ?? "", /<td>x &amp; y<\/td>/);
});

Deno.test("a search finds the parts that have all its words, those with them in the heading first", () => {
  const docs = renderDocs(PAGES);
  const found = (asked: string) => searchDocs(docs, asked).found.map(({ section }) => section.id);
  assert.deepEqual(found("LEASE down"), ["deep-down"]);
  assert.deepEqual(found("second"), ["", "the-way"]);
  assert.deepEqual(found("lease nothing"), []);
  assert.deepEqual(found(" "), []);
  assert.deepEqual(searchDocs(docs, "lease (").found, []);
  assert.deepEqual(searchDocs(docs, "lease").found[0]?.excerpt, ["A ", "lease", " ends."]);
});

Deno.test("the index gives each page its group, its address and a few words", () => {
  const groups = parseIndex(
    "# All\n\nWords.\n\n## Begin\n\n- [First](first.md): about\n  it.\n- [Why](more/why.md)\n\n## Programs\n\n- [API](reference/api.md)\n",
  );
  assert.deepEqual(groups, [
    {
      title: "Begin",
      entries: [
        { path: "first.md", href: "/help/docs/first", title: "First", about: "About it." },
        { path: "more/why.md", href: "/help/docs/more-why", title: "Why", about: "" },
      ],
    },
    { title: "Programs", entries: [{ path: "reference/api.md", href: "/help/api", title: "API", about: "" }] },
  ]);
  assert.throws(() => parseIndex("# All\n\n## Begin\n\n- First\n"), /no page in "First"/);
});

Deno.test("docs/README.md lists each file of docs/ once, by its title", async () => {
  const root = new URL("../../docs/", import.meta.url);
  const entries = parseIndex(await Deno.readTextFile(new URL("README.md", root))).flatMap(({ entries }) => entries);
  const files: string[] = [];
  for (const folder of ["", "decisions/", "reference/"]) {
    for await (const { name, isFile } of Deno.readDir(new URL(folder, root))) {
      if (isFile && folder + name !== "README.md") files.push(folder + name);
    }
  }
  assert.deepEqual(entries.map(({ path }) => path).toSorted(), files.toSorted());
  for (const { path, title } of entries) {
    const [, heading = ""] = /^# (?:\d+\. )?(.*)\n/.exec(await Deno.readTextFile(new URL(path, root))) ?? [];
    assert.equal(title, heading, path);
  }
});

Deno.test("the portal shows each page of docs/, finds words in them, and needs no script for it", async () => {
  await using portal = await openPortal();
  const help = await (await portal.get("/help")).text();
  const links = [...help.matchAll(/href="(\/help\/docs\/[\w-]+)"/g)].map(([, path = ""]) => path);
  const index = parseIndex(await Deno.readTextFile(new URL("../../docs/README.md", import.meta.url)));
  const listed = index.flatMap(({ entries }) => entries).map(({ href }) => href);
  assert.ok(help.includes(`href="/help/api"`));
  assert.deepEqual(links, listed.filter((href) => href !== "/help/api"));
  const anchors = new Map<string, ReadonlySet<string>>();
  const targets: string[] = [];
  for (const path of links) {
    const response = await portal.get(path);
    const html = await response.text();
    assert.equal(response.status, 200, path);
    assert.doesNotMatch(html, /<script|modulepreload/, path);
    anchors.set(path, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id = ""]) => id)));
    for (const [, to = ""] of html.matchAll(/href="(#[^"]+|\/help\/docs\/[^"]+)"/g)) {
      targets.push(to.startsWith("#") ? path + to : to);
    }
  }
  for (const target of targets) {
    const [path = "", anchor] = target.split("#");
    assert.ok(anchors.has(path), target);
    assert.ok(anchor === undefined || anchors.get(path)?.has(anchor), `nothing is at ${target}`);
  }
  assert.match(await (await portal.get("/help?q=lease")).text(), /<mark\s*>lease<\/mark>/i);
  assert.match(
    await (await portal.get("/help?q=%3Cimg%3E")).text(),
    /No part of the documentation has all these words/,
  );
  assert.equal((await portal.get("/help/docs/nowhere")).status, 404);
});
