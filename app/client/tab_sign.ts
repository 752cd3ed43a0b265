import { type HealthTone, signedTitle } from "../format/health.ts";

const TONES: readonly HealthTone[] = ["ok", "late", "bad"];

/**
 * Keeps the title and the icon of the tab as the health strip says, and the title as the subject of the page says in `data-title`.
 * Returns the function that stops it.
 */
export function watchTabSign(): () => void {
  const strip = document.querySelector<HTMLElement>(".health");
  if (strip === null) return () => {};
  const subject = document.querySelector<HTMLElement>("[data-title]");
  const show = () => {
    const tone = TONES.find((known) => known === strip.dataset.tone) ?? "ok";
    const title = signedTitle(subject?.dataset.title ?? document.title, { tone, count: Number(strip.dataset.count) });
    if (document.title !== title) document.title = title;
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    const href = icon?.dataset[tone];
    if (icon !== null && href !== undefined && icon.getAttribute("href") !== href) icon.href = href;
  };
  const observer = new MutationObserver(show);
  observer.observe(strip, { attributes: true, attributeFilter: ["data-tone", "data-count"] });
  if (subject !== null) observer.observe(subject, { attributes: true, attributeFilter: ["data-title"] });
  show();
  return () => observer.disconnect();
}
