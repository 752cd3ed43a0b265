/**
 * Lists as tables that become cards. Roles are written out, because a table that CSS lays out as a grid is none to some browsers.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";

/**
 * The place of a cell in a card (`styles/cards.css`): above `lead` and `aside`, below `line` and `end`; `do` at the right; `wide` only
 * where there is room, `pick` for a check box. Without one, the cell has a line of its own, with its label before it.
 */
export type CardPlace = "lead" | "aside" | "line" | "end" | "do" | "wide" | "pick";

/** A heading: its words, or what else stands there. `sort`: the list is in its order. */
export type CardHead = string | {
  readonly name: ComponentChildren;
  readonly sort?: "ascending" | "descending" | "none";
  readonly isNumber?: boolean;
};

/** The table. */
export interface CardsProps {
  /** Headings in the order of the cells; an empty text: the column of actions. */
  readonly head: readonly CardHead[];
  /** Further classes: `acting` (cards with a menu at the right), `slim` (few columns), `jobs`, `selecting`. */
  readonly kind?: string;
  /** `CardRow`s in a `<tbody role="rowgroup">`. */
  readonly children: ComponentChildren;
}

/** A list as a table; as cards of two lines where its panel is narrower than 860 px. */
export function Cards({ head, kind = "", children }: CardsProps): JSX.Element {
  return (
    <table role="table" class={`cards ${kind}`.trim()}>
      <thead role="rowgroup">
        <tr role="row">
          {head.map((one, i) => {
            const { name, sort, isNumber } = typeof one === "string" ? { name: one } : one;
            return (
              <th key={i} role="columnheader" scope="col" aria-sort={sort} class={isNumber ? "num" : undefined}>
                {name === "" ? <span class="sr">Actions</span> : name}
              </th>
            );
          })}
        </tr>
      </thead>
      {children}
    </table>
  );
}

/** A row; `row` names its subject for updates in place, `id` for links. `isFinal`: what it shows can never change again. */
export function CardRow(
  { row, id, isFinal = false, children }: {
    readonly row?: string | number;
    readonly id?: string;
    readonly isFinal?: boolean;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return <tr id={id} role="row" data-row={row} data-final={isFinal || undefined}>{children}</tr>;
}

/** A cell; that of the row's name is `lead` with `isName`. */
export function CardCell(
  { place, label, isName = false, kind = "", children }: {
    readonly place?: CardPlace;
    /** Its heading, for a card that shows the cell in a line of its own. */
    readonly label?: string;
    readonly isName?: boolean;
    /** Further classes, such as `num` or `tight`. */
    readonly kind?: string;
    readonly children?: ComponentChildren;
  },
): JSX.Element {
  const named = [place, kind].filter(Boolean).join(" ");
  const attributes = { class: named === "" ? undefined : named, "data-label": label };
  return isName
    ? <th role="rowheader" scope="row" {...attributes}>{children}</th>
    : <td role="cell" {...attributes}>{children}</td>;
}
