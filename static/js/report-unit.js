/* One row of the report, or its cover part: its boxes, what the server has of them, and saving what is new.

   `base` is what the server confirmed at `revision`. A box is unsaved while it differs from that. Nothing typed is ever
   thrown away here: it stays in the box and on this machine until the server has answered that it has it. */

import { recall, remember } from "./report-store.js";
import { send } from "./report-send.js";

const DEBOUNCE = 1500;
const tidy = (text) => text.replace(/\r\n?/g, "\n").normalize("NFC");
/* What the server wrote into the page, whatever a browser that restores forms has put into the box since. */
const written = (control) =>
  control.tagName === "SELECT" ? ([...control.options].find((option) => option.defaultSelected)?.value ?? "") : control.defaultValue;

export class Unit {
  constructor(element, sheet) {
    this.element = element;
    this.sheet = sheet;
    this.key = element.dataset.row;
    this.prefix = this.key === "cover" ? "c" : `r${this.key}`;
    this.state = "saved";
    this.delay = 2000;
    this.refused = {};
    this.read();
    this.restore();
  }

  read() {
    this.controls = {};
    this.base = {};
    for (const box of this.element.querySelectorAll("[data-box]")) {
      const control = box.querySelector(`[name^="${this.prefix}-"]:not([type=file])`);
      if (!control) continue;
      this.controls[box.dataset.box] = control;
      this.base[box.dataset.box] = tidy(box.dataset.stored ?? written(control));
      this.lock(box, Boolean(box.querySelector("[data-kept-id]")));
    }
    this.revisionInput = this.element.querySelector(`[name="${this.prefix}-revision"]`);
    this.revision = Number(this.revisionInput?.value ?? 0);
  }

  /* Text left on this machine by a page that could not send it. */
  restore() {
    const record = recall(this.sheet, this.key);
    if (!record || !this.revisionInput) return;
    let isBack = false;
    for (const [name, { text, was }] of Object.entries(record.fields)) {
      const control = this.controls[name];
      if (!control || text === this.base[name] || control.disabled || control.readOnly) continue;
      const stored = this.base[name];
      control.value = text;
      isBack = true;
      // The server has since got another text that is not a part of this one's own past: let it find the conflict.
      if (stored !== was && stored !== record.sent?.[name]) this.revision = Math.min(this.revision, record.revision);
    }
    this.keep();
    if (isBack) {
      this.isRestored = true;
      if (this.element.querySelector("details.row__fold")) this.element.querySelector("details.row__fold").open = true;
      this.later(0);
    }
  }

  unsaved() {
    const fields = {};
    for (const [name, control] of Object.entries(this.controls)) {
      if (control.readOnly || control.disabled) continue;
      const value = tidy(control.value);
      if (value !== this.base[name] && value !== this.refused[name]) fields[name] = value;
    }
    return fields;
  }

  get isUnsaved() {
    return Boolean(this.inFlight) || Object.keys(this.unsaved()).length > 0;
  }

  get isFailing() {
    return ["offline", "login", "ended", "gone"].includes(this.state);
  }

  keep() {
    const fields = {};
    for (const [name, text] of Object.entries(this.unsaved())) fields[name] = { text, was: this.base[name] };
    for (const [name, text] of Object.entries(this.retry?.fields ?? {})) fields[name] ??= { text, was: this.base[name] };
    remember(this.sheet, this.key, { revision: this.retry?.revision ?? this.revision, fields, sent: this.retry?.fields ?? null });
  }

  typed() {
    if (!this.isFailing) this.show("typing");
    this.keep();
    this.later(DEBOUNCE);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  /* Sends what is unsaved. A request that got no answer is sent again as it was, so that it cannot conflict with itself. */
  async save(always = false) {
    clearTimeout(this.timer);
    if (this.inFlight) return this.inFlight.then(() => this.save(always));
    const batch = this.retry ?? { fields: this.unsaved(), revision: this.revision };
    if (!Object.keys(batch.fields).length && !always) return this.show("saved");
    // Trouble stays in sight, link to sign in and all, until a request has gone through.
    if (Object.keys(batch.fields).length && !this.isFailing) this.show("saving");
    this.retry = batch;
    this.keep();
    // In flight until everything that the answer brings is done: a save beside it would start from a text not yet shown.
    this.inFlight = this.exchange(batch).finally(() => (this.inFlight = null));
    await this.inFlight;
    if (this.retry) return;
    this.keep();
    if (Object.keys(this.unsaved()).length) this.later(DEBOUNCE / 3);
  }

  async exchange(batch) {
    const { status, data } = await this.post(batch);
    if ((status === 200 || status === 409) && data?.values) {
      this.retry = null;
      this.delay = 2000;
      await this.confirm(data, batch);
      this.sheet.confirmed(this, data);
      if (this.retry) this.fail(0);
    } else {
      if (!Object.keys(batch.fields).length) this.retry = null;
      this.keep();
      this.fail(status);
    }
  }

  post({ fields, revision }) {
    const values = { page: this.sheet.page, [`${this.prefix}-revision`]: revision };
    for (const [name, text] of Object.entries(fields)) values[`${this.prefix}-${name}`] = text;
    return send(this.element.dataset.saveUrl, values);
  }

  fail(status) {
    if (!this.retry && !Object.keys(this.unsaved()).length) return this.show("saved");
    this.show(status === 401 || status === 403 ? "login" : status === 404 ? "gone" : status ? "ended" : "offline");
    this.delay = Math.min(this.delay * 1.7, 30000);
    this.later(this.state === "login" ? 4000 : this.delay);
  }

  async confirm(data, batch) {
    this.revision = data.revision;
    for (const [name, value] of Object.entries(data.values)) {
      const control = this.controls[name];
      if (!control) continue;
      const box = control.closest("[data-box]");
      this.error(box, data.errors[name]);
      if (data.errors[name]) this.refused[name] = batch.fields[name];
      else delete this.refused[name];
      const expected = batch.fields[name] ?? this.base[name];
      const heard = { stored: value, kept: data.kept[name], typed: expected };
      if (!data.errors[name]) await this.sendTypedMeanwhile(name, control, heard, expected, batch.revision);
      if (heard.isLost) continue;
      this.base[name] = heard.stored;
      if (tidy(control.value) === heard.typed && !data.errors[name]) {
        if (heard.stored !== heard.typed) control.value = heard.stored;
        if (!heard.kept && heard.stored !== heard.typed && data.by) this.sheet.say(box, "theirs", data.by);
      }
      this.showKept(box, heard.kept ?? "");
    }
    if (this.revisionInput) this.revisionInput.value = this.revision;
    this.show(Object.keys(this.unsaved()).length ? "typing" : "saved", data.at);
  }

  /* Somebody else's text came back while one typed on in the same box: what was typed started from the older text, so it is
     sent as that, and the server keeps both. Taking the newer text as its start would write over it unseen. */
  async sendTypedMeanwhile(name, control, heard, expected, revision) {
    while (!control.readOnly && !control.disabled && tidy(control.value) !== heard.typed && (heard.kept || heard.stored !== expected)) {
      const fields = { [name]: tidy(control.value) };
      const { data } = await this.post({ fields, revision });
      if (!data?.values) {
        this.retry = { fields, revision };
        heard.isLost = true;
        return;
      }
      Object.assign(heard, { stored: data.values[name], kept: data.kept[name], typed: fields[name] });
      this.revision = data.revision;
    }
  }

  showKept(box, html) {
    const place = box.querySelector("[data-kept]");
    if (!place || place.innerHTML.trim() === html.trim()) return;
    if (ids(place) !== ids(fragment(html))) place.innerHTML = html;
    this.lock(box, Boolean(html));
  }

  lock(box, isLocked) {
    const control = box.querySelector(`[name^="${this.prefix}-"]:not([type=file], [type=hidden])`);
    if (!control) return;
    if (control.tagName === "SELECT") control.disabled = isLocked;
    else control.readOnly = isLocked;
  }

  error(box, words) {
    const control = box.querySelector("input, select, textarea");
    box.querySelector(".field__error")?.remove();
    box.classList.toggle("field--error", Boolean(words));
    if (!words) return control.removeAttribute("aria-describedby");
    const line = Object.assign(document.createElement("p"), { className: "field__error", textContent: words });
    line.id = `${control.id}_error`;
    control.setAttribute("aria-describedby", line.id);
    box.querySelector("label").after(line);
  }

  show(state, at) {
    this.state = state;
    const place = this.element.querySelector("[data-saved]");
    if (place && (state !== "saved" || at)) {
      place.textContent = this.sheet.words(state, { time: at });
      place.classList.toggle("row__saved--failed", this.isFailing);
    }
    this.sheet.showState(at);
  }
}

const fragment = (html) => document.createRange().createContextualFragment(html);
const ids = (node) => [...node.querySelectorAll("[data-kept-id]")].map((kept) => kept.dataset.keptId).join();
