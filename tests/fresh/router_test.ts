import { deepStrictEqual as same, strictEqual as equal, throws } from "node:assert/strict";
import { HttpError } from "../../app/fresh/errors.ts";
import type { Method } from "../../app/fresh/handlers.ts";
import { Router } from "../../app/fresh/router.ts";

const patterns = ["/", "/jobs", "/jobs/new", "/jobs/:id", "/jobs/:id/runs/:run", "/files/:path*", "/raw/*", "/:any"];

const router = new Router<string>();
for (const pattern of patterns) router.add("GET", pattern, pattern, (_, added) => added);
router.add("POST", "/jobs", "create", (_, added) => added);

const cases: [name: string, path: string, pattern: string | null, params: Record<string, string>][] = [
  ["finds the root", "/", "/", {}],
  ["prefers plain text to a parameter", "/jobs/new", "/jobs/new", {}],
  ["reads a parameter", "/jobs/7", "/jobs/:id", { id: "7" }],
  ["reads several parameters", "/jobs/7/runs/8", "/jobs/:id/runs/:run", { id: "7", run: "8" }],
  ["decodes a parameter once", "/jobs/%25C3%C3%BC", "/jobs/:id", { id: "%C3ü" }],
  ["keeps an encoded slash", "/jobs/a%2Fb", "/jobs/:id", { id: "a%2Fb" }],
  ["refuses an empty parameter", "/jobs/", null, {}],
  ["takes the rest of a path", "/files/a/b.txt", "/files/:path*", { path: "a/b.txt" }],
  ["takes an empty rest", "/files", "/files/:path*", { path: "" }],
  ["takes a nameless rest", "/raw/a/b", "/raw/*", { 0: "a/b" }],
  ["takes a nameless rest only after a slash", "/raw", "/:any", { any: "raw" }],
  ["finds nothing for a path that is longer than the pattern", "/jobs/7/runs", null, {}],
  ["does not treat names of Object as routes", "/constructor/x", null, {}],
];
for (const [name, path, pattern, params] of cases) {
  Deno.test(`match() ${name}`, () => {
    const match = router.match("GET", path);
    equal(match?.pattern ?? null, pattern);
    same(match?.params ?? {}, params);
  });
}

const methods: [name: string, method: Method, target: string | null][] = [
  ["finds the target of the method", "POST", "create"],
  ["finds the target of GET for HEAD", "HEAD", "/jobs"],
  ["finds no target for a method that the pattern lacks", "DELETE", null],
];
for (const [name, method, target] of methods) {
  Deno.test(`match() ${name}`, () => {
    equal(router.match(method, "/jobs")?.target, target);
  });
}

Deno.test("match() answers 400 to broken encoding", () => {
  throws(() => router.match("GET", "/jobs/%zz"), (error) => error instanceof HttpError && error.status === 400);
});

for (const pattern of ["/a-:b", "/:a?", "/{x}", "/:a*/b"]) {
  Deno.test(`add() refuses the pattern ${pattern}`, () => {
    throws(() => router.add("GET", pattern, "", (old) => old), SyntaxError);
  });
}
