/** So near below the window, a number is asked for. */
const AHEAD = "200px";

/**
 * Writes how many jobs match, once somebody has scrolled near to where it says so: no list counts for itself. A number that cannot be
 * had is left out.
 */
export function countWhenSeen(place: HTMLElement): void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    void write(place);
  }, { rootMargin: AHEAD });
  observer.observe(place);
}

async function write(place: HTMLElement): Promise<void> {
  const answer = await fetch(place.dataset.matching ?? "").catch(() => null);
  if (answer?.ok === true) place.textContent = `All ${await answer.text()} that match:`;
}
