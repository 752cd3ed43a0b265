/** A request to the API as a line for a shell, with the token in a variable, so that no history keeps it. */
export function curlOf(method: "GET" | "POST", address: string): string {
  const what = method === "GET" ? "" : ` -X ${method}`;
  return `curl${what} -H "Authorization: Bearer $JOBTRIGGER_TOKEN" ${address}`;
}
