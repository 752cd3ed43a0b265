/**
 * The palette: one field that finds jobs, pages and what can be done, here or with a job that was found. It is a combobox with a list
 * below (WAI-ARIA Authoring Practices, "Editable Combobox With List Autocomplete"): the focus stays in the field, the arrow keys move
 * the chosen option, Enter takes it, Escape closes. It is loaded when it is first opened.
 *
 * @module
 */
import { render } from "preact";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Found, FoundJob } from "../format/found.ts";

const DEBOUNCE_MS = 120;

/** An option, in the group that stands before it. */
interface Option {
  readonly group: string;
  readonly label: string;
  readonly note: string;
  readonly take: () => void;
}

let dialog: HTMLDialogElement | null = null;

/** Opens the palette over the page. */
export function showPalette(): void {
  if (dialog?.open) return;
  dialog?.remove();
  const made = document.createElement("dialog");
  made.className = "palette";
  made.setAttribute("aria-label", "Search and act");
  document.body.append(made);
  made.addEventListener("click", (event) => {
    if (event.target === made) made.close();
  });
  made.addEventListener("close", () => {
    render(null, made);
    made.remove();
  });
  render(<Palette close={() => made.close()} />, made);
  made.showModal();
  dialog = made;
}

function Palette({ close }: { readonly close: () => void }): JSX.Element {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found>({ jobs: [], isMore: false });
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const request = new AbortController();
    const ask = async () => {
      try {
        const response = await fetch(`/api/search?${new URLSearchParams({ q: text })}`, { signal: request.signal });
        if (response.ok) setFound(await response.json());
      } catch {
        // After another keystroke, or while the portal is away: pages and actions are still there.
      }
    };
    const timer = setTimeout(ask, text === "" ? 0 : DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      request.abort();
    };
  }, [text]);
  const options = [...jobOptions(found.jobs), ...matching([...hereOptions(close), ...placeOptions()], text)];
  const chosen = Math.min(at, options.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen, options.length]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((chosen + step + options.length) % Math.max(options.length, 1));
    else if (event.key === "Enter") options[chosen]?.take();
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-options"
        aria-autocomplete="list"
        aria-activedescendant={options.length === 0 ? undefined : `palette-${chosen}`}
        aria-label="Find jobs, pages and actions"
        placeholder="Find jobs, pages and actions"
        autocomplete="off"
        spellcheck={false}
        autofocus
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-options" role="listbox" aria-label="Found" ref={list}>
        {options.map(({ group, label, note, take }, index) => (
          <li
            key={`${group}${label}${note}`}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={take}
            onPointerMove={() => setAt(index)}
          >
            <span>
              <bdi>{label}</bdi> <small>{note}</small>
            </span>
            {group !== options[index - 1]?.group && <small>{group}</small>}
          </li>
        ))}
      </ul>
      <p role="status" class="quiet">
        {options.length === 0 ? `Nothing is called “${text}”` : found.isMore ? "There are more jobs: type further" : ""}
      </p>
      <button type="button" class="button" onClick={close}>Close</button>
    </>
  );
}

function jobOptions(jobs: readonly FoundJob[]): readonly Option[] {
  const [first] = jobs;
  const actions = (first?.actions ?? []).map(({ label, to, isPosted }): Option => ({
    group: "Actions",
    label: `${label}: ${first?.name ?? ""}`,
    note: "",
    take: () => isPosted ? post(to) : location.assign(to),
  }));
  return [
    ...jobs.map(({ name, key, path, isPaused }): Option => ({
      group: "Jobs",
      label: name,
      note: [key ?? "", isPaused ? "paused" : ""].filter((word) => word !== "").join(" · "),
      take: () => location.assign(path),
    })),
    ...actions,
  ];
}

/** What the head of the page offers. */
function hereOptions(close: () => void): readonly Option[] {
  const controls = document.querySelectorAll<HTMLElement>("main > .head :is(a.button, button):not(summary)");
  return [...controls].flatMap((control): Option[] => {
    const label = control.textContent?.trim() ?? "";
    const take = () => {
      close();
      control.click();
    };
    return label === "" ? [] : [{ group: "On this page", label, note: "", take }];
  });
}

function placeOptions(): readonly Option[] {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".nav a[href]")];
  const places = new Map(links.map((link) => [link.getAttribute("href") ?? "", link]));
  return [...places].map(([path, link]) => ({
    group: "Pages",
    label: [...link.childNodes].find((node) => node.nodeType === Node.TEXT_NODE)?.textContent?.trim() ?? path,
    note: "",
    take: () => location.assign(path),
  }));
}

function matching(options: readonly Option[], text: string): readonly Option[] {
  const wanted = text.trim().toLowerCase();
  return options.filter(({ label }) => label.toLowerCase().includes(wanted));
}

/** Posts an action as a form of the page does. */
function post(to: string): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = to;
  const fields = {
    key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
    back: location.pathname + location.search,
  };
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    [input.type, input.name, input.value] = ["hidden", name, value];
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}
