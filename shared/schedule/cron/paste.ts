/**
 * Recognises what people paste in place of a cron expression: crontab lines with a comment, a command or a zone, and the names and
 * signs of other schedulers. A comment is ignored; for the rest, these functions say what to write instead.
 *
 * @module
 */
import { quote } from "../errors.ts";

/** A part of the text and where it starts. */
export interface Token {
  readonly text: string;
  readonly at: number;
}

/** A problem of pasted text, and its place. */
export interface PasteProblem {
  readonly at: number;
  readonly problem: string;
}

/** The text with spaces in place of comments, so that positions stay. A `#` within a field, as in `fri#2`, is none. */
export function withoutComments(text: string): string {
  return text.includes("#") ? text.replaceAll(/(?<!\S)#[^\n]*/g, (comment) => " ".repeat(comment.length)) : text;
}

/** Whether a text without the word `cron` can only be meant as a cron expression. */
export function looksLikeCron(firstWord: string, words: number): boolean {
  return /^(?:[@*?#]|(?:cron_)?tz=|h(?:$|[/(]))/i.test(firstWord) || (/^\d/.test(firstWord) && words >= 4);
}

/** A zone before the fields (`CRON_TZ=`), or a command after them; null where there is neither. */
export function crontabProblem(text: string, tokens: readonly Token[]): PasteProblem | null {
  const [first, second] = tokens;
  const zone = first === undefined ? null : /^(?:cron_)?tz=(.*)$/i.exec(first.text);
  if (first !== undefined && zone !== null) {
    const rest = second === undefined ? "the fields" : quote(text.slice(second.at).trimEnd());
    return {
      at: first.at,
      problem: `a schedule names no zone: write ${rest}, and ${quote(zone[1])} as the job's time zone`,
    };
  }
  const command = first?.text.startsWith("@")
    ? second
    : tokens.slice(5, 7).find((token) => isCommand(token, tokens.length));
  if (command === undefined) return null;
  const fields = quote(text.slice(0, command.at).trim());
  const found = quote(text.slice(command.at).trimEnd());
  return {
    at: command.at,
    problem: `${found} is the command of a crontab line: write ${fields}, and the command as the job's script`,
  };
}

/** Whether a word after five fields cannot be a field. A short word alone may be a weekday with a typing mistake. */
function isCommand({ text }: Token, tokens: number): boolean {
  const rest = text.replaceAll(/(?:sun|mon|tue|wed|thu|fri|sat)[a-z]*|[\d*?,/#LW-]/gi, "");
  return /^[/~.]/.test(text) || (rest !== "" && !(tokens === 6 && /^[a-z]{1,3}$/i.test(text)));
}

/** What to write for a name that starts with `@` and stands for no expression; null for an unknown name. */
export function nameProblem(name: string, rest: string): string | null {
  if (name === "@every") return `"@every" is no cron expression: write "every ${rest === "" ? "5m" : rest}"`;
  if (name !== "@reboot") return null;
  return `"@reboot" is no time: write "manual", and let the machine run "jobctl jobs run" when it starts`;
}

/** What to write for Jenkins's `H`, which picks a value for each job; null where `text` is no such thing. */
export function hashProblem(text: string, least: number): string | null {
  const match = /^h(?:\((\d+)-(\d+)\))?(\/\d+)?$/i.exec(text);
  if (match === null) return null;
  const [, from, to, step] = match;
  const instead = step === undefined ? from ?? String(least) : `${from === undefined ? "*" : `${from}-${to}`}${step}`;
  return `"H" is Jenkins's: write a value, such as "${instead}", and give the job a spread to move its starts`;
}
