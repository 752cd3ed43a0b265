/**
 * Colours and emphasis of terminal output ("select graphic rendition", ECMA-48 §8.3.117), as names of style classes.
 *
 * Colours 0–15 belong to the theme (`f1`, `b9`), 16–255 are the fixed xterm cube and greys; a 24-bit colour becomes the nearest of
 * the cube. The classes are in `static/ansi.css`.
 *
 * @module
 */

/** How text looks; colours are palette numbers, null for the default. JSON-safe, so that a page can hand it to a script. */
export interface TextStyle {
  readonly fg: number | null;
  readonly bg: number | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

/** Text as it looks before any sequence. */
export const PLAIN: TextStyle = {
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

const SWITCHES: Readonly<Record<number, Partial<TextStyle>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  39: { fg: null },
  49: { bg: null },
};

/** Most parameters of one sequence that are obeyed, as in xterm. */
const MAX_PARAMETERS = 30;

/**
 * The style after the parameters of one SGR sequence (`1;31` of `ESC[1;31m`; empty means reset). Unknown ones change nothing.
 */
export function applySgr(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/, MAX_PARAMETERS).map((part) => part === "" ? 0 : Number(part));
  let next = style;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const { color, length } = extendedColor(codes, i + 1);
      if (color !== null) next = { ...next, [code === 38 ? "fg" : "bg"]: color };
      i += length;
    } else next = code === 0 ? PLAIN : { ...next, ...(SWITCHES[code] ?? paletteColor(code)) };
  }
  return next;
}

/** The class names of a style, separated by spaces; empty for plain text. */
export function classesOf(style: TextStyle): string {
  if (style === PLAIN) return "";
  const names: string[] = [];
  const [fg, bg] = style.inverse ? [style.bg ?? "i", style.fg ?? "i"] : [style.fg, style.bg];
  if (fg !== null) names.push(`f${fg}`);
  if (bg !== null) names.push(`b${bg}`);
  if (style.bold) names.push("tb");
  if (style.dim) names.push("td");
  if (style.italic) names.push("ti");
  if (style.underline) names.push("tu");
  return names.join(" ");
}

function paletteColor(code: number): Partial<TextStyle> {
  if (code >= 30 && code <= 37) return { fg: code - 30 };
  if (code >= 40 && code <= 47) return { bg: code - 40 };
  if (code >= 90 && code <= 97) return { fg: code - 82 };
  if (code >= 100 && code <= 107) return { bg: code - 92 };
  return {};
}

/** Reads `5;n` or `2;r;g;b` at `start`; `length` says how many codes belong to it. */
function extendedColor(codes: readonly number[], start: number): { color: number | null; length: number } {
  const [mode, a, b, c] = codes.slice(start, start + 4);
  if (mode === 5) return { color: isByte(a) ? a : null, length: 2 };
  if (mode === 2) return { color: isByte(a) && isByte(b) && isByte(c) ? nearest(a, b, c) : null, length: 4 };
  return { color: null, length: codes.length };
}

function isByte(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 255;
}

/** The nearest colour of the xterm cube, whose levels are 0, 95, 135, 175, 215, 255. */
function nearest(red: number, green: number, blue: number): number {
  const level = (value: number) => value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40);
  return 16 + 36 * level(red) + 6 * level(green) + level(blue);
}
