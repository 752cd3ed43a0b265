import { ApiError } from "../api/api_error.ts";
import { parseJson } from "../json.ts";

/** How deep a body may be nested: far deeper than any sender needs. */
const MOST_DEPTH = 32;

/** The JSON of a delivery's body. @throws {ApiError} `unsupported_media_type`, `malformed` */
export function readHookJson(headers: Headers, body: Uint8Array): unknown {
  const type = (headers.get("content-type") ?? "nothing").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type)) {
    const detail = `The body is said to be ${type.slice(0, 80)}, expected application/json: the arguments come from it`;
    throw new ApiError("unsupported_media_type", detail);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    if (depthOf(text) > MOST_DEPTH) throw new SyntaxError(`it is nested deeper than ${MOST_DEPTH} levels`);
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new ApiError("malformed", `The body is no JSON: ${error.message}`);
  }
}

/** How deep lists and objects of a JSON text are nested; of what is no JSON, some number. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return deepest;
}
