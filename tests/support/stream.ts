import assert from "node:assert/strict";

/**
 * Reads a stream of events up to its first event. The function answered makes a change, and answers what the stream says until it
 * ends. One event may have been under way before, so the change is made a second time where one comes.
 * @throws {AssertionError} when the stream goes on
 */
export async function opened(
  response: Response,
): Promise<(change: (time: number) => Promise<unknown>) => Promise<string>> {
  assert.equal(response.status, 200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader !== undefined);
  while (!/^event: /m.test((await reader.read()).value ?? "event: ended")) continue;
  return async (change) => {
    let text = "";
    for (const time of [0, 1]) {
      await change(time);
      for (let value = ""; !/^event: (?:change|chunk)/m.test(value);) {
        const read = await reader.read();
        if (read.done) return text;
        text += value = read.value;
      }
    }
    await reader.cancel();
    assert.fail(`The stream goes on: ${text}`);
  };
}
