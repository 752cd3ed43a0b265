/** Tells the forms that choose a zone which one this browser has, and offers it there. */
export function tellZone(): void {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  for (const input of document.querySelectorAll<HTMLInputElement>("input[name=browser_zone]")) {
    input.value = timeZone;
    const option = input.form?.querySelector<HTMLOptionElement>("option[value=browser]");
    if (!option) continue;
    option.hidden = option.disabled = false;
    option.textContent = `This browser's: ${timeZone}`;
  }
}
