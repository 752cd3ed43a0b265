/** An item of a list: a word of code, and what it is. */
export function line(code: string, about: string): string {
  return `- \`${code}\`${about === "" ? "" : `: ${escaped(about)}`}`;
}

/** A description as a sentence: with a capital and a full stop. */
export function sentence(text: string): string {
  const whole = /[.!?]$/.test(text) ? text : `${text}.`;
  return escaped(whole.charAt(0).toUpperCase() + whole.slice(1));
}

/** Text in which Markdown finds no marks. */
function escaped(text: string): string {
  return text.replace(/[*<`]/g, "\\$&");
}
