// Copies the page's address and prints it: both are buttons that only a browser with scripts has a use for.
for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(location.href);
    button.textContent = `✓ ${button.textContent.replace("✓ ", "")}`;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
