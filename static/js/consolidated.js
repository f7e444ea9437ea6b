/* The editor of the consolidated report: saves each paragraph a moment after the last key, keeps what could not be saved in
   this browser, and shows both texts where two people wrote. Without it the page saves as a whole. */

const form = document.querySelector("#draft");
const words = form.dataset;
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const WAIT = 900;
const RETRY = 8000;
const keyOf = (id) => `portal:${words.user}:paragraph:${id}`;
const unsaved = new Set();

function keep(id, value) {
  try {
    if (value === null) localStorage.removeItem(keyOf(id));
    else localStorage.setItem(keyOf(id), JSON.stringify(value));
  } catch {
    /* a browser that stores nothing still saves to the server */
  }
}

function kept(id) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(id)));
  } catch {
    return null;
  }
}

function tell(place, text, mood = "") {
  place.className = `saved${mood ? ` saved--${mood}` : ""}`;
  place.textContent = text;
}

async function send(url, data) {
  const answer = await fetch(url, {
    method: "POST",
    body: data,
    headers: { Accept: "application/json", "X-CSRFToken": token },
  });
  if (answer.status === 404) throw Object.assign(new Error("not editable"), { gone: true });
  const isJson = (answer.headers.get("Content-Type") || "").includes("application/json");
  if (answer.redirected || !isJson) throw Object.assign(new Error("not saved"), { login: answer.redirected || answer.status === 403 });
  return { status: answer.status, body: await answer.json() };
}

function why(problem) {
  if (problem.gone) return words.gone;
  return problem.login ? words.login : words.unsent;
}

class Paragraph {
  constructor(node) {
    this.node = node;
    this.id = node.dataset.paragraph;
    this.box = node.querySelector("textarea");
    this.revision = node.querySelector("input[type=hidden]");
    this.status = node.querySelector(".saved");
    this.saved = this.box.defaultValue;
    this.box.addEventListener("input", () => this.changed());
    this.box.addEventListener("blur", () => this.save());
    const before = kept(this.id);
    if (before && before.text === this.saved) keep(this.id, null);
    else if (before) {
      this.box.value = before.text;
      this.revision.value = before.revision; // somebody may have written since: then both texts are shown
      this.note(words.kept);
      this.changed(false);
    }
  }

  changed(soon = true) {
    clearTimeout(this.timer);
    unsaved.add(this.id);
    keep(this.id, { text: this.box.value, revision: this.revision.value });
    this.box.classList.toggle("has-blanks", /\[[^\]]*(…|\.\.\.)[^\]]*\]/.test(this.box.value));
    if (soon) this.timer = setTimeout(() => this.save(), WAIT);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.conflict || this.busy || this.box.value === this.saved) return;
    const text = this.box.value;
    const data = new FormData();
    data.set("text", text);
    data.set("revision", this.revision.value);
    this.busy = true;
    tell(this.status, words.saving, "busy");
    try {
      const { status, body } = await send(this.node.dataset.url, data);
      if (status === 409) this.clash(body);
      else if (status === 200) this.done(text, body);
      else tell(this.status, body.error || words.unsent, "failed");
    } catch (problem) {
      tell(this.status, why(problem), "failed");
      if (!problem.gone) this.timer = setTimeout(() => this.save(), RETRY);
    } finally {
      this.busy = false;
    }
    if (!this.conflict && this.box.value !== this.saved && this.box.value !== text) this.changed();
  }

  done(text, body) {
    this.saved = text;
    this.revision.value = body.revision;
    this.node.querySelector(".notice--kept")?.remove();
    tell(this.status, `${words.saved} ${body.saved}`);
    const own = !this.node.querySelector("[data-restore]");
    this.node.querySelector("[data-edited]").hidden = own || !body.edited;
    if (!own) this.node.querySelector("[data-restore]").hidden = !body.edited;
    if (this.box.value === text) {
      keep(this.id, null);
      unsaved.delete(this.id);
      this.settled();
    }
  }

  settled() {
    if (!unsaved.size) form.dispatchEvent(new Event("portal:saved"));
  }

  note(text) {
    const notice = document.createElement("div");
    notice.className = "notice notice--warning notice--kept";
    notice.append(Object.assign(document.createElement("p"), { textContent: text }));
    this.node.prepend(notice);
    return notice;
  }

  clash(there) {
    this.conflict = true;
    tell(this.status, "");
    const notice = this.note(`${there.by || words.somebody} ${words.other}`);
    notice.setAttribute("role", "alert");
    const quote = Object.assign(document.createElement("p"), { className: "quote", textContent: there.text, lang: "vi" });
    const row = Object.assign(document.createElement("p"), { className: "cluster" });
    const settle = (text) => {
      this.conflict = false;
      this.revision.value = there.revision;
      this.box.value = text;
      this.saved = there.text;
      notice.remove();
      this.box.focus();
      if (text === there.text) {
        keep(this.id, null);
        unsaved.delete(this.id);
        this.settled();
      } else this.save();
    };
    for (const [label, choose] of [
      [words.take, () => settle(there.text)],
      [words.mine, () => settle(this.box.value)],
    ]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--small", textContent: label });
      button.addEventListener("click", choose);
      row.append(button);
    }
    notice.append(quote, row);
  }
}

const paragraphs = [...form.querySelectorAll("[data-paragraph]")].filter((node) => node.querySelector("textarea")).map((node) => new Paragraph(node));

const head = form.querySelector(".head");
head.addEventListener("change", async () => {
  const status = head.querySelector("[data-head-saved]");
  const data = new FormData();
  for (const field of head.querySelectorAll("input, select, textarea")) data.set(field.name, field.value);
  try {
    const { status: code, body } = await send(form.getAttribute("action") || location.pathname, data);
    if (code === 200) {
      tell(status, `${words.saved} ${body.saved}`);
      for (const field of head.querySelectorAll("[name^=initial-]")) field.value = head.querySelector(`[name="${field.name.slice(8)}"]`).value;
      if (!unsaved.size) form.dispatchEvent(new Event("portal:saved"));
    } else tell(status, Object.values(body.errors).flat().join(" "), "failed");
  } catch (problem) {
    tell(status, why(problem), "failed");
  }
});

window.addEventListener("online", () => paragraphs.forEach((one) => one.save()));
/* The page as a whole is being saved: what the browser kept has arrived with it. */
form.addEventListener("submit", () => paragraphs.forEach((one) => clearTimeout(one.timer)));
