import assert from "node:assert/strict";
import { openEdge } from "../../../app/server/edge.ts";
import { openPortal } from "../_portal.ts";
import { newToken } from "./_client.ts";

const DOCS = new URL("../../../docs/api.md", import.meta.url);

Deno.test("the commands of docs/api.md do what they are there for", async () => {
  await using portal = await openPortal();
  const edge = openEdge(portal.portal, { hostname: "127.0.0.1", port: 0 }, portal.handler);
  try {
    const env = {
      JOBTRIGGER_TOKEN: await newToken(portal),
      JOBTRIGGER_URL: `http://127.0.0.1:${edge.addr.port}`,
    };
    const [, block = ""] = /```sh\n(.*?)```/s.exec(await Deno.readTextFile(DOCS)) ?? [];
    const lines = block.trim().split("\n");
    assert.ok(lines.length >= 8);
    for (const line of lines) {
      const { success, stdout } = await new Deno.Command("sh", { args: ["-c", `${line} -f`], env, stderr: "piped" })
        .output();
      assert.ok(success, `${line} answered ${new TextDecoder().decode(stdout)}`);
    }
    assert.deepEqual((await portal.store.jobs.list({ limit: 10 })).items, []);
  } finally {
    portal.stop();
    await edge.shutdown();
  }
});
