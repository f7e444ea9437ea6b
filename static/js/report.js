/* The report's page: saves while one types, keeps what could not be sent, and shows who else is here. Without it the page
   is one form that saves as a whole. */

import { send, upload } from "./report-send.js";
import { Unit } from "./report-unit.js";

const HEARTBEAT = 20000;
const form = document.getElementById("sheet");
const status = document.getElementById("page-saved");

const sheet = {
  user: form.dataset.user,
  report: form.dataset.report,
  page: form.elements.page.value,
  units: new Map(),

  words(name, values = {}) {
    const names = { saved: "Saved", saving: "Saving", typing: "Typing", offline: "Offline", login: "Login", ended: "Ended", gone: "Ended" };
    const text = form.dataset[`words${names[name] ?? name[0].toUpperCase() + name.slice(1)}`] ?? "";
    return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? "");
  },

  /* The worst of all rows is what the page says. */
  showState(at) {
    const states = [...this.units.values()].map((unit) => unit.state);
    const worst = ["login", "gone", "ended", "offline", "saving", "typing"].find((state) => states.includes(state)) ?? "saved";
    if (at) this.at = at;
    status.className = `saved${{ saving: " saved--busy", typing: " saved--busy", saved: "" }[worst] ?? " saved--failed"}`;
    if (worst === "saved") {
      if (this.at && worst !== this.shown) status.textContent = this.words("saved", { time: this.at });
    } else if (worst !== this.shown) {
      status.textContent = this.words(worst);
      if (worst === "login") {
        const link = Object.assign(document.createElement("a"), { href: form.dataset.loginUrl, target: "_blank", textContent: this.words("loginLink") });
        status.append(" ", link);
      }
    }
    this.shown = worst;
    this.announce(worst);
  },

  /* On a phone and far down the page the index is out of sight; trouble is said at the bottom of the window too. */
  announce(worst) {
    document.body.classList.toggle("has-trouble", ["login", "offline", "ended", "gone"].includes(worst));
  },

  say(box, name, person) {
    const line = box.querySelector(".field__said") ?? Object.assign(document.createElement("p"), { className: "field__help field__said" });
    line.setAttribute("role", "status");
    line.textContent = this.words(name, { name: person });
    box.querySelector("label").after(line);
    setTimeout(() => line.remove(), 20000);
  },

  confirmed(unit, data) {
    if (data.closed) this.close(data.closed);
    if (data.mark) showMark(unit, data);
    if (Object.keys(data.errors).length) unit.element.querySelector("[data-saved]").textContent = this.words("refused");
  },

  close(words) {
    if (this.isClosed) return;
    this.isClosed = true;
    const notice = Object.assign(document.createElement("p"), { className: "notice notice--warning", textContent: words });
    notice.setAttribute("role", "alert");
    form.before(notice);
    notice.scrollIntoView({ block: "center" });
  },
};

function showMark(unit, { mark, lacks }) {
  const kept = unit.element.querySelector("[data-kept-id]");
  const name = kept ? "kept" : mark;
  const words = sheet.words(kept ? "twoVersions" : mark, { names: lacks });
  unit.element.className = `row row--${name}`;
  unit.element.querySelector("[data-mark-words]").textContent = words;
  unit.element.dataset.mark = name;
  unit.element.toggleAttribute("data-done", mark !== "missing");
  const link = document.querySelector(`[data-index="${unit.key}"]`);
  link.className = `index__row index__row--${name}`;
  link.querySelector("[data-index-words]").textContent = words;
  count();
}

function count() {
  const rows = [...form.querySelectorAll(".row[data-mark]")].filter((row) => row.dataset.mark !== "settled");
  const answered = rows.filter((row) => row.hasAttribute("data-done")).length;
  form.querySelector("[data-answered]").textContent = answered;
  document.getElementById("meter").value = answered;
}

function adopt(element) {
  if (!element.querySelector("[name$=-revision]")) return;
  sheet.units.set(element.dataset.row, new Unit(element, sheet));
}

const unitOf = (node) => sheet.units.get(node.closest("[data-row]")?.dataset.row);
const unsavedUnits = () => [...sheet.units.values()].filter((unit) => unit.isUnsaved);
const flush = async (units = unsavedUnits()) => {
  await Promise.all(units.map((unit) => unit.save()));
  return !units.some((unit) => unit.isUnsaved || unit.retry);
};

form.querySelectorAll("[data-row]").forEach(adopt);
if ([...sheet.units.values()].some((unit) => unit.isRestored)) {
  const notice = Object.assign(document.createElement("p"), { className: "notice notice--warning", id: "restored", textContent: sheet.words("restored") });
  notice.setAttribute("role", "status");
  form.before(notice);
}
// Text that the server itself gave back after an expired session counts as unsaved from the start.
unsavedUnits().forEach((unit) => unit.typed());

form.addEventListener("input", (event) => {
  const unit = event.target.type !== "file" && unitOf(event.target);
  if (unit) unit.typed();
});
form.addEventListener("change", (event) => {
  if (event.target.type === "file") {
    const { row } = event.target.closest("[data-row]").dataset;
    return inTurn(() => uploadAll(event.target, row));
  }
  if (event.target.tagName === "SELECT") unitOf(event.target)?.save();
});
form.addEventListener("focusout", (event) => {
  const unit = unitOf(event.target);
  if (unit && Object.keys(unit.unsaved()).length) unit.save();
});

/* Buttons ------------------------------------------------------------------------------------------------------------ */
form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (button?.hasAttribute("data-act")) {
    event.preventDefault();
    const { row } = button.closest("[data-row]").dataset;
    return inTurn(() => act(button, row));
  }
  if (sheet.isLeaving) return;
  event.preventDefault();
  const go = button?.name === "go" ? button.value : "";
  const isSaved = await flush();
  if (go !== "review" && !go.startsWith("ask-")) return;
  if (!isSaved) return say(button, sheet.words("wait"));
  sheet.isLeaving = true;
  form.requestSubmit(button);
});

function say(button, words) {
  const place = button?.closest("[data-row]")?.querySelector("[data-saved]") ?? status;
  place.textContent = words;
  status.textContent = words;
}

/* What replaces a part of the page goes one after the other: an older answer must not cover a newer one. */
let last = Promise.resolve();
const inTurn = (work) => (last = last.then(work, work));

async function act(button, row) {
  const unit = sheet.units.get(row);
  const { element } = unit;
  if (!(await flush([unit]))) return say(button, sheet.words("wait"));
  const values = { page: sheet.page };
  if (button.name) values[button.name] = button.value;
  for (const hidden of element.querySelectorAll("[name^=kept-]")) values[hidden.name] = hidden.value;
  const { status: code, data } = await send(button.formAction, values);
  if (code === 200 && data.reload) return (await flush()) && location.reload();
  if (code === 200 && data.html) return swap(element, data.html, button);
  say(button, data?.message ?? sheet.words("wait"));
}

/* The row as the server now has it; beside files only their list, so that nobody is disturbed while typing. */
function swap(element, html, button) {
  const fresh = document.createRange().createContextualFragment(html).querySelector("[data-row]");
  if (button.closest("[data-box=evidence]")) {
    element.querySelector("[data-box=evidence]").replaceWith(fresh.querySelector("[data-box=evidence]"));
    return;
  }
  fresh.querySelector("details").open = element.querySelector("details").open;
  element.replaceWith(fresh);
  adopt(fresh);
  const link = document.querySelector(`[data-index="${fresh.dataset.row}"]`);
  link.className = `index__row index__row--${fresh.dataset.mark}`;
  link.querySelector("[data-index-words]").textContent = fresh.querySelector("[data-mark-words]").textContent;
  count();
  (fresh.querySelector("[data-act]") ?? fresh.querySelector("summary")).focus({ preventScroll: true });
}

async function uploadAll(input, row) {
  const { element } = sheet.units.get(row);
  const place = element.querySelector("[data-upload]");
  let html = null;
  const problems = [];
  for (const file of [...input.files]) {
    const show = (percent) => (place.textContent = sheet.words("uploading", { name: file.name, percent: `${percent}%` }));
    show(0);
    const { status: code, data } = await upload(input.dataset.uploadUrl, { page: sheet.page, [input.name]: file }, show);
    html = data?.html ?? html;
    problems.push(...(data?.errors ?? (code === 200 ? [] : [sheet.words("failed", { name: file.name })])));
  }
  if (html) swap(element, html, input);
  const box = element.querySelector("[data-box=evidence]");
  box.querySelector("input[type=file]").value = "";
  box.querySelector("[data-upload]").textContent = problems.join(" ");
  box.querySelector("[data-upload]").classList.toggle("field__error", problems.length > 0);
}

/* Coming back -------------------------------------------------------------------------------------------------------- */
const again = () => [...sheet.units.values()].filter((unit) => unit.retry || unit.isUnsaved).forEach((unit) => unit.save());
addEventListener("online", again);
addEventListener("focus", again);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && again());
addEventListener("beforeunload", (event) => {
  if (!sheet.isLeaving && unsavedUnits().length) event.preventDefault();
});

/* Who else is here --------------------------------------------------------------------------------------------------- */
async function beat() {
  const row = document.activeElement?.closest?.("[data-row]")?.dataset.row ?? "";
  const { status: code, data } = await send(form.dataset.presenceUrl, { page: sheet.page, row });
  if (code !== 200) return;
  if (!data.is_open) sheet.close(sheet.words("closed"));
  const elsewhere = data.people.filter((person) => !person.row);
  const present = document.getElementById("present");
  present.hidden = !elsewhere.length;
  present.textContent = elsewhere.map((person) => sheet.words("present", person)).join(" ");
  for (const element of form.querySelectorAll("[data-row]")) {
    const place = element.querySelector("[data-present]");
    const people = data.people.filter((person) => String(person.row) === element.dataset.row);
    const words = people.map((person) => sheet.words("editing", person)).join(" ");
    if (place && place.textContent !== words) place.textContent = words;
  }
  refresh(data);
}

/* Rows that somebody else changed, or where two versions wait: fetch how they stand. */
function refresh({ revisions, cover, kept }) {
  for (const unit of sheet.units.values()) {
    const revision = unit.key === "cover" ? cover : revisions[unit.key];
    const here = [...unit.element.querySelectorAll("[data-kept-id]")].map((node) => node.dataset.keptId).sort().join();
    const there = kept.filter(([row]) => String(row ?? "cover") === unit.key).map(([, id]) => String(id)).sort().join();
    if (revision > unit.revision || here !== there) unit.save(true);
  }
}

form.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]")?.dataset.row;
  if (row && row !== sheet.row) {
    sheet.row = row;
    beat();
  }
});
addEventListener("pagehide", () => send(form.dataset.presenceUrl, { page: sheet.page, leave: 1 }, { keepalive: true, signal: null }));
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    sheet.isLeaving = false;
    beat();
  }
});
setInterval(() => document.visibilityState === "visible" && beat(), HEARTBEAT);
beat();

/* A link of the index opens its row. */
const reveal = () => {
  const fold = document.getElementById(location.hash.slice(1))?.querySelector("details.row__fold");
  if (fold) fold.open = true;
};
addEventListener("hashchange", reveal);
reveal();
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    flush();
  }
});
