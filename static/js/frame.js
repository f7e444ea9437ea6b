/* Small conveniences on every page. Nothing here is needed: without it every page still works. */

const search = document.getElementById("search");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape") {
    const menu = document.querySelector("details.account[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});

document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.account[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

/* Filters stand open beside the list where there is room, and are a closed drawer on a phone. */
const wide = matchMedia("(min-width: 60.001rem)");
const setDrawers = () => document.querySelectorAll("details.drawer").forEach((drawer) => (drawer.open = wide.matches));
wide.addEventListener("change", setDrawers);
setDrawers();

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-autosubmit]")) event.target.form?.requestSubmit();
});

/* A page that was open while its owner signed in again holds an old token; the browser's cookie knows the new one. */
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
document.addEventListener(
  "submit",
  (event) => {
    const box = event.target.querySelector("input[name=csrfmiddlewaretoken]");
    if (box && token()) box.value = token();
  },
  true,
);
document.addEventListener("htmx:configRequest", (event) => {
  if (token()) event.detail.headers["X-CSRFToken"] = token();
});

/* The person who sent a form with mistakes hears of them first. */
document.querySelector(".error-summary")?.focus();

/* A warning before leaving, only while something is truly unsaved. */
const unsaved = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-unsaved]");
  if (form) unsaved.add(form);
});
document.addEventListener("portal:saved", (event) => unsaved.delete(event.target), true);
document.addEventListener("submit", (event) => unsaved.delete(event.target));
addEventListener("beforeunload", (event) => {
  if (unsaved.size) event.preventDefault();
});
