/**
 * Reads from the first bytes of an executable file how to start it, as Linux does (execve(2)): by the interpreter that a line `#!…`
 * names, with all that follows it as one argument, or by itself because it is a program.
 *
 * @module
 */

/** Most bytes of a file that are looked at. Linux reads 256; a longer line is started here all the same. */
export const HEAD_BYTES = 4_096;

/** What the first bytes say; `why` completes "Cannot run script …:". */
export type Head =
  | { readonly kind: "line"; readonly interpreter: string; readonly argument: string | null }
  /** A program for this kind of system; maybe not for this machine. */
  | { readonly kind: "program" }
  /** The system cannot start it by itself. */
  | { readonly kind: "neither"; readonly why: string }
  /** A line `#!…` that cannot work. */
  | { readonly kind: "broken"; readonly why: string };

const LINE_FEED = 0x0a;
const ELF: readonly number[] = [0x7f, 0x45, 0x4c, 0x46];
/** Mach-O of 64 bits, and of several machines in one file. */
const MACH_O: readonly (readonly number[])[] = [[0xcf, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe]];

/** Reads the first bytes of a file, at most {@linkcode HEAD_BYTES}; `os` is the system that would start it. */
export function parseHead(bytes: Uint8Array, os: typeof Deno.build.os = Deno.build.os): Head {
  if (bytes.length === 0) return { kind: "neither", why: "it is empty" };
  if (startsWith(bytes, ascii("#!"))) return parseLine(bytes);
  if (startsWith(bytes, [0xef, 0xbb, 0xbf, ...ascii("#!")])) {
    return broken(
      "a byte order mark comes before its first line #!…, so the system does not see it: save it as UTF-8 without one",
    );
  }
  if (startsWith(bytes, [0xff, 0xfe, ...ascii("#\0!")]) || startsWith(bytes, [0xfe, 0xff, ...ascii("\0#\0!")])) {
    return broken("it is UTF-16 text, in which the system does not see the first line #!…: save it as UTF-8");
  }
  if ((os === "darwin" ? MACH_O : [ELF]).some((magic) => startsWith(bytes, magic))) return { kind: "program" };
  const isText = !bytes.some((byte) => byte < 0x07 || byte === 0x7f);
  return {
    kind: "neither",
    why: isText
      ? "it is executable text without a first line #!… that names its interpreter, such as #!/bin/sh"
      : "it is executable, but neither a program of this system nor a script with a first line #!…",
  };
}

function parseLine(bytes: Uint8Array): Head {
  const end = bytes.indexOf(LINE_FEED);
  if (end < 0 && bytes.length >= HEAD_BYTES) {
    return broken(`its first line is longer than ${HEAD_BYTES.toLocaleString("en-US")} bytes`);
  }
  const line = decode(bytes.subarray(0, end < 0 ? bytes.length : end));
  if (line === null) return broken("its first line is not UTF-8");
  if (line.includes("\0")) return broken("its first line has a NUL in it");
  if (line.endsWith("\r")) {
    return broken(
      `its first line, ${
        JSON.stringify(line.slice(0, -1))
      }, ends in CRLF as on Windows, and the CR would be part of it: ` +
        "save it with LF line ends (sed -i 's/\\r$//')",
    );
  }
  const [, interpreter = "", argument = ""] = /^#![ \t]*([^ \t]*)[ \t]*(.*?)[ \t]*$/s.exec(line) ?? [];
  if (interpreter === "") return broken("its first line, #!, names no interpreter");
  if (!interpreter.startsWith("/")) {
    return broken(
      `its first line names the interpreter ${JSON.stringify(interpreter)}, which is not an absolute path: ` +
        `write #!/usr/bin/env ${interpreter}`,
    );
  }
  return { kind: "line", interpreter, argument: argument === "" ? null : argument };
}

function broken(why: string): Head {
  return { kind: "broken", why };
}

function startsWith(bytes: Uint8Array, beginning: readonly number[]): boolean {
  return beginning.every((byte, index) => bytes[index] === byte);
}

function ascii(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
