/** Where Unix systems keep the tools of the base system. */
const DIRECTORIES: readonly string[] = ["/usr/bin", "/bin"];

/** Absolute path of a tool of the base system, wherever the PATH leads; null where there is none (macOS, Windows, a bare image). */
export function findTool(name: string): string | null {
  return DIRECTORIES.map((directory) => `${directory}/${name}`).find(isFile) ?? null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
