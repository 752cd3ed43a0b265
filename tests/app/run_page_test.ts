import assert from "node:assert/strict";
import fc from "fast-check";
import { markText, MAX_PAGE_MARKS } from "../../app/format/log_marks.ts";
import { type LogLine, LogScreen } from "../../app/format/log_screen.ts";
import { filterTextOf, withFields } from "../../app/server/run_filter.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { patternOfText } from "../../shared/policy/mod.ts";
import { append } from "../support/attempts.ts";
import { chunksOf } from "../support/output.ts";
import { openPortal } from "./_portal.ts";

const rowsOf = (data: string) => new LogScreen().feed({ seq: 0, stream: "stdout", data });
const shown = (rows: readonly LogLine[]) =>
  rows.map(({ segments }) =>
    segments.map(({ text, classes, isMarked }) => isMarked ? `[${text}|${classes}]` : text).join("")
  );

Deno.test("a searched text is marked over colours, in any case, as it is", () => {
  const rows = rowsOf("a.B a.b\n\x1b[31mx\x1b[0mA.\x1b[32mb!\n");
  assert.deepEqual(shown(markText(rows, patternOfText("a.b"))), ["[a.B|] [a.b|]", "x[A.|][b|f2]!"]);
  assert.equal(markText(rows, null), rows);
});

Deno.test("marks change no text, and a page has no more of them than its budget", () => {
  const plain = (rows: readonly LogLine[]) => rows.map(({ segments }) => segments.map(({ text }) => text).join(""));
  fc.assert(fc.property(fc.string({ maxLength: 3 }), fc.string({ unit: "binary" }), (text, data) => {
    const rows = rowsOf(`${data}\n`);
    assert.deepEqual(plain(markText(rows, patternOfText(text))), plain(rows));
  }));
  const marked = markText(rowsOf("aaaaaaaa\n".repeat(5000)), patternOfText("a"));
  const marks = marked.flatMap(({ segments }) => segments.filter(({ isMarked }) => isMarked)).length;
  assert.ok(marks <= MAX_PAGE_MARKS && marks > 0);
});

const texts: readonly (readonly [query: string, text: string])[] = [
  ["q=disk", "disk"],
  ["status=FAILED", "status:FAILED"],
  ["job=7&q=since:24h", "since:24h job:7"],
  ["q=status:failed+job:a&job=b,c&worker=", "status:failed job:b,c"],
  ["since=2026-01-01+01:00&until=04:00", 'since:"2026-01-01 01:00" until:"04:00"'],
  ["q=job:a&job=", ""],
  ["q=label:a+label:b&label=b", "label:a label:b"],
  ["q=stat:x&job=a", "stat:x"],
];
for (const [query, text] of texts) {
  Deno.test(`the address ?${query} means the filter ${JSON.stringify(text)}`, () => {
    assert.equal(filterTextOf(new URLSearchParams(query)), text);
  });
}

Deno.test("a tab changes one field of a filter and keeps the rest", () => {
  assert.equal(
    withFields('"a:b" status:failed label:"x y"', { status: "running" }),
    '"a:b" label:"x y" status:running',
  );
  assert.equal(withFields("status:failed disk", { status: null }), "disk");
  assert.equal(withFields("status:", { status: "failed" }), null);
});

Deno.test("a run's page answers whatever somebody looks for in its output", async () => {
  await using portal = await openPortal();
  const claim = await portal.claim(await portal.job());
  await append(
    portal.store,
    claim,
    chunksOf([["stdout", "one (a+)+$\ntwo <b>\n"], ["stderr", "three\n"]], { at: epochMs(0) }),
  );
  const path = `/runs/${claim.dispatchId}`;
  const first = await portal.get(`${path}?find=%28A%2B`);
  assert.equal(first.headers.get("location"), `${path}?find=%28A%2B&at=1#L1`);
  const html = await (await portal.get(`${path}?find=%3CB%3E&at=2`)).text();
  assert.match(html, /<mark>&lt;b><\/mark>/);
  // The id that logs and the script's environment have leads to this page, and from it back to them.
  assert.match(html, new RegExp(`<code data-copied[^>]*>${claim.correlationId}</code>`));
  assert.equal((await portal.get(`${path}?go=2`)).headers.get("location"), `${path}?line=2#L2`);
  const alone = await (await portal.get(`${path}?stream=stderr`)).text();
  assert.ok(alone.includes("three") && !alone.includes("two"));
  const hostile = ["\0", "\u202e", "[(", "x".repeat(5000), "a\r\nz", "\ud800", "%", "\x1b[31m", "nothing"];
  for (const text of hostile) {
    const answer = await portal.get(`${path}?find=${encodeURIComponent(text.toWellFormed())}&at=1`);
    assert.equal(answer.status, 200, JSON.stringify(text));
    assert.match(await answer.text(), /None/);
  }
  for (const query of ["at=x", "line=-1", "from=99999999999", "stream=system", "find=&at=3", "go=0"]) {
    assert.equal((await portal.get(`${path}?${query}`)).status, 200, query);
  }
});
