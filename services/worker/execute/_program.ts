/**
 * Whether Linux can execute a file as a program of this machine, from its first bytes (binfmt_elf). The worker checks before
 * the start, because `setsid`, like all that uses execvp(3), hands a file that the system refuses to /bin/sh, which would read
 * another machine's program as commands.
 *
 * @module
 */

const ELF: readonly number[] = [0x7f, 0x45, 0x4c, 0x46];

/** `e_machine` of the ELF specification, by the architecture that this process is built for. */
const MACHINES: Readonly<Record<typeof Deno.build.arch, number>> = { x86_64: 62, aarch64: 183 };
const NAMES: Readonly<Record<number, string>> = {
  3: "i386",
  8: "MIPS",
  20: "PowerPC",
  21: "PowerPC 64",
  22: "S/390",
  40: "32-bit ARM",
  62: "x86_64",
  183: "aarch64",
  243: "RISC-V",
  258: "LoongArch",
};

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
/** Most bytes of all segment headers that Linux reads. */
const MAX_SEGMENTS_BYTES = 65_536;
/** `e_type`: a program at fixed addresses, or at any. */
const EXECUTABLE: readonly number[] = [2, 3];
const LOADER_SEGMENT = 3;
const MAX_PATH = 4_096;

/** The loader that the program needs, or a sentence's end that says why it cannot run here; null: it runs without a loader. */
export type ProgramCheck = { readonly loader: string } | string | null;

/** Whether the bytes begin as a program of Linux does. */
export function isElf(head: Uint8Array): boolean {
  return ELF.every((byte, index) => head[index] === byte);
}

/** Checks a program by its first bytes and its size; the rest is not checked. */
export function checkElf(
  head: Uint8Array,
  size: number,
  arch: typeof Deno.build.arch = Deno.build.arch,
): ProgramCheck {
  const cut = "is a program that was cut short";
  if (head.length < HEADER_BYTES) return cut;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const isLittle = view.getUint8(5) === 1;
  const machine = view.getUint16(18, isLittle);
  if (machine !== MACHINES[arch] || view.getUint8(4) !== 2 || !isLittle) {
    return `is a program for ${NAMES[machine] ?? `machine ${machine}`}, but this machine runs those for ${arch}`;
  }
  const [type, from, length, count] = [16, 32, 54, 56].map((offset) =>
    offset === 32 ? Number(view.getBigUint64(32, true)) : view.getUint16(offset, true)
  );
  if (type === undefined || from === undefined || length === undefined || count === undefined) return cut;
  if (!EXECUTABLE.includes(type)) return "is no program that can be started, but a part of one, such as an object file";
  const end = from + count * SEGMENT_BYTES;
  if (length !== SEGMENT_BYTES || count === 0 || count * SEGMENT_BYTES > MAX_SEGMENTS_BYTES) {
    return "is a damaged program";
  }
  if (end > size) return cut;
  for (let at = from; at < end && at + SEGMENT_BYTES <= head.length; at += SEGMENT_BYTES) {
    if (view.getUint32(at, true) !== LOADER_SEGMENT) continue;
    const [start, bytes] = [Number(view.getBigUint64(at + 8, true)), Number(view.getBigUint64(at + 32, true))];
    if (bytes < 2 || bytes > MAX_PATH) return "is a damaged program";
    if (start + bytes > size) return cut;
    if (start + bytes > head.length) return null;
    return { loader: new TextDecoder().decode(head.subarray(start, start + bytes - 1)) };
  }
  return null;
}
