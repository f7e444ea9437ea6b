/* A plain form that loses nothing: what is typed waits on this machine until the form has been sent. */

for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = `portal:${form.dataset.keep}`;
  const box = form.querySelector("textarea");
  const stored = box.value;
  try {
    const record = JSON.parse(localStorage.getItem(key));
    if (record && record.was === stored && record.text !== stored) {
      box.value = record.text;
      const note = form.querySelector("[data-kept-note]");
      note.textContent = form.dataset.wordsRestored;
      note.hidden = false;
    } else localStorage.removeItem(key);
    box.addEventListener("input", () => localStorage.setItem(key, JSON.stringify({ text: box.value, was: stored })));
  } catch {
    /* storage is forbidden here: the form works as any other */
  }
}
