/** The attributes of a drawing that can be read bar by bar (`app/client/charts.ts`). */
export interface ChartAttributes {
  readonly role: "slider";
  readonly tabIndex: number;
  readonly "aria-label": string;
  readonly "aria-valuenow": number;
  readonly "aria-valuetext": string;
}

/** Makes a drawing a tab stop with keys that read its bars; in a table of charts, only the first row is one. */
export function chartAttributes(sentence: string, isStop = true): ChartAttributes {
  return {
    role: "slider",
    tabIndex: isStop ? 0 : -1,
    "aria-label": sentence,
    "aria-valuenow": 0,
    "aria-valuetext": "Arrow keys read the bars",
  };
}
