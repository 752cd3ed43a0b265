import assert from "node:assert/strict";
import { checkScriptPath, resolveScript } from "@jobtrigger/shared/scripts";
import fc from "fast-check";

const accepted: readonly string[] = [
  "backup.sh",
  "nightly/backup.sh",
  "..hidden/x.sh",
  "a..b.sh",
  "-rf.sh",
  "with space.sh",
  "$(id).sh",
  "über/時間.sh",
  "x".repeat(1024),
];
for (const path of accepted) {
  Deno.test(`checkScriptPath() accepts ${JSON.stringify(path.slice(0, 40))}`, () => {
    assert.equal(checkScriptPath(path), null);
  });
}

const refused: readonly (readonly [path: string, because: RegExp])[] = [
  ["", /is needed/],
  ["..", /must not contain "\.\."/],
  ["../backup.sh", /must not contain "\.\."/],
  ["nightly/../../backup.sh", /must not contain "\.\."/],
  ["./backup.sh", /must not contain "\." as a folder/],
  ["nightly//backup.sh", /must not contain \/\//],
  ["nightly/", /must not end with \//],
  ["/etc/passwd", /must not be absolute/],
  ["C:/windows/system.exe", /must not be absolute/],
  ["nightly\\backup.sh", /must not contain a backslash/],
  ["backup.sh\0.txt", /must not contain control characters/],
  ["back\nup.sh", /must not contain control characters/],
  ["back\u0085up.sh", /must not contain control characters/],
  ["\ud800.sh", /half of a surrogate pair/],
  ["x".repeat(1025), /at most 1,024 characters, not 1,025/],
];
for (const [path, because] of refused) {
  Deno.test(`checkScriptPath() refuses ${JSON.stringify(path.slice(0, 40))}`, async () => {
    assert.match(checkScriptPath(path) ?? "accepted", because);
    const resolved = await resolveScript(["/"], path);
    assert.equal(resolved.ok, false);
  });
}

Deno.test("a path that checkScriptPath() accepts never leaves a directory by its text", () => {
  const segment = fc.oneof(fc.constantFrom("..", ".", "", "a", "\\", "\0", "C:"), fc.string({ maxLength: 4 }));
  fc.assert(fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
    const path = segments.join("/");
    if (checkScriptPath(path) !== null) return;
    const { pathname } = new URL(`file:///scripts/${path.split("/").map(encodeURIComponent).join("/")}`);
    assert.ok(pathname.startsWith("/scripts/") && pathname.length > "/scripts/".length, path);
  }));
});
