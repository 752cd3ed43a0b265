import assert from "node:assert/strict";
import openapiTS, { astToString } from "openapi-typescript";
import { openPortal } from "../_portal.ts";
import { ApiClient, newToken } from "./_client.ts";

Deno.test("a client generated from the document type-checks and drives a portal", async () => {
  await using portal = await openPortal();
  const token = await newToken(portal);
  const { document } = await ApiClient.open(portal, token);
  // In the project, so that the compiler finds the packages.
  const directory = await Deno.makeTempDir({ dir: import.meta.dirname ?? ".", prefix: "generated-" });
  try {
    const types = astToString(await openapiTS(JSON.stringify(document)));
    await Deno.writeTextFile(`${directory}/api.ts`, types);
    await Deno.writeTextFile(`${directory}/drive.ts`, DRIVE);
    assert.equal(await check(`${directory}/drive.ts`), true);
    const { drive } = await import(`${directory}/drive.ts`);
    const fetchHere = (request: Request) => portal.handler(request);
    assert.deepEqual(await drive("http://127.0.0.1:8000/api/v1", token, fetchHere), [
      "Generated",
      "PENDING",
      404,
      "never",
      "function",
    ]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

async function check(file: string): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", file],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

/** What somebody writes who has the generated types. */
const DRIVE = `
import createClient from "openapi-fetch";
import type { components, paths } from "./api.ts";

export async function drive(
  baseUrl: string,
  token: string,
  fetch: (request: Request) => Promise<Response>,
): Promise<unknown[]> {
  const api = createClient<paths>({ baseUrl, fetch, headers: { authorization: \`Bearer \${token}\` } });
  const body = { name: "Generated", script: "test_job.sh", schedule: "manual", overlap: "skip" } as const;
  const { data: job } = await api.POST("/jobs", { body });
  // @ts-expect-error The document says which words there are.
  const wrong: components["schemas"]["JobDefinition"] = { ...body, overlap: "never" };
  // @ts-expect-error And which addresses.
  const nowhere = () => api.GET("/nowhere");
  if (job === undefined) throw new Error("no job was made");
  const params = { path: { job: String(job.id) } };
  const { data: run } = await api.POST("/jobs/{job}/runs", { params, body: { args: ["x"] } });
  const { error } = await api.GET("/jobs/{job}", { params: { path: { job: "nothing" } } });
  const name: string = job.name;
  return [name, run?.status, error?.status, wrong.overlap, typeof nowhere];
}
`;
