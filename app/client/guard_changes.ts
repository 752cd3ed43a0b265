const QUESTION = "Leave this page? What you changed is not saved.";

/** Names in the form that say nothing a person typed. */
const PARTS = /^schedule_/;

/**
 * Asks before the changes of a form are lost: by a link of the page, by closing or reloading it. Says beside the buttons what has been
 * changed. Returns the function that stops it.
 */
export function guardChanges(form: HTMLFormElement): () => void {
  const before = valuesOf(form);
  let isLeaving = false;
  const changed = (): readonly string[] => {
    const now = valuesOf(form);
    return [...now.keys()].filter((name) => now.get(name) !== before.get(name));
  };
  const isUnsaved = () => !isLeaving && (form.dataset.unsaved === "true" || changed().length > 0);
  const onInput = () => {
    const place = form.querySelector("[data-changes]");
    if (place !== null) place.textContent = wordsOf(form, changed());
  };
  const onSubmit = () => {
    isLeaving = true;
  };
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
    const isElsewhere = link !== null && link.target === "" && !link.href.startsWith(`${location.href.split("#")[0]}#`);
    if (!isElsewhere || event.defaultPrevented || event.ctrlKey || event.metaKey || !isUnsaved()) return;
    if (confirm(QUESTION)) isLeaving = true;
    else event.preventDefault();
  };
  const onUnload = (event: BeforeUnloadEvent) => {
    if (isUnsaved()) event.preventDefault();
  };
  // Going back shows the form again, as it was left.
  const onShow = () => {
    isLeaving = false;
  };
  form.addEventListener("input", onInput);
  form.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  addEventListener("beforeunload", onUnload);
  addEventListener("pageshow", onShow);
  return () => {
    form.removeEventListener("input", onInput);
    form.removeEventListener("submit", onSubmit);
    document.removeEventListener("click", onClick);
    removeEventListener("beforeunload", onUnload);
    removeEventListener("pageshow", onShow);
  };
}

function valuesOf(form: HTMLFormElement): ReadonlyMap<string, string> {
  return new Map(
    [...new FormData(form)].filter(([name]) => !PARTS.test(name)).map(([name, value]) => [name, String(value)]),
  );
}

function wordsOf(form: HTMLFormElement, names: readonly string[]): string {
  if (names.length === 0) return "";
  const labels = names.map((name) => form.querySelector(`label[for="field-${name}"]`)?.firstChild?.textContent ?? name);
  const many = names.length === 1 ? "1 change" : `${names.length} changes`;
  return `${many}: ${labels.join(", ").toLowerCase()}`;
}
