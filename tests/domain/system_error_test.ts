import assert from "node:assert/strict";
import { fileFault, whyNot } from "@jobtrigger/shared/domain";

const fault = (code: string) => fileFault(Object.assign(new Error("text"), { code }));

Deno.test("fileFault() has a sentence for each way in which a file cannot be used, and for no other error", () => {
  const codes = [
    "EACCES",
    "EPERM",
    "EROFS",
    "ENOSPC",
    "EDQUOT",
    "ENOENT",
    "ENOTDIR",
    "EISDIR",
    "ENAMETOOLONG",
    "ELOOP",
  ];
  assert.deepEqual(codes.filter((code) => fault(code) === null), []);
  assert.equal(fault("EROFS"), "its file system may only be read");
  assert.equal(fault("ECONNREFUSED"), null);
  assert.equal(fileFault(new Error("text")), null);
  assert.equal(fileFault("text"), null);
});

Deno.test("whyNot() says of another error what it says itself", () => {
  assert.deepEqual([whyNot(new Error("text")), whyNot("text")], ["text", "text"]);
});
