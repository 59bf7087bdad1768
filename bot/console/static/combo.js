// Lists to search in: a select with many options, or whose options the server looks up, becomes a combobox (ARIA
// pattern "editable combobox with list autocomplete"). The select stays below it and holds the value.
import { after, body } from "/static/page.js";

const shownMost = 100;

// upgrade makes every list of a form searchable that has to be.
export function upgrade(form) {
  for (const x of form.querySelectorAll("[data-combo]")) new Combo(x, form);
  for (const x of form.querySelectorAll("[data-filter]")) filter(x);
}

// filter hides the boxes that what is typed does not name.
function filter(search) {
  const labels = [...search.parentElement.querySelectorAll(".boxes label")];
  search.addEventListener("input", (e) => {
    e.stopPropagation();
    const want = search.value.trim().toLowerCase();
    for (const l of labels) l.hidden = want !== "" && !l.textContent.toLowerCase().includes(want);
  });
}

class Combo {
  constructor(source, form) {
    this.source = source;
    this.form = form;
    this.free = source.tagName === "INPUT"; // what is typed is the value
    this.live = source.dataset.live !== undefined;
    this.asked = 0;
    this.at = -1;
    const options = this.free ? source.list?.options ?? [] : source.options;
    this.first = [...options].filter((o) => o.value !== "").map((o) => ({ value: o.value, label: clean(o), help: o.dataset.help || "" }));
    this.list = document.createElement("ul");
    this.list.id = `${source.id}-list`;
    this.list.className = "offers";
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    this.input = this.free ? source : this.stand();
    if (this.free) source.removeAttribute("list");
    const label = form.querySelector(`label[for="${CSS.escape(source.id)}"]`);
    if (!this.free) {
      this.input.id = `${source.id}-q`;
      if (label) label.htmlFor = this.input.id;
    }
    this.list.setAttribute("aria-label", label?.textContent ?? "");
    const i = this.input;
    i.setAttribute("role", "combobox");
    i.setAttribute("aria-autocomplete", "list");
    i.setAttribute("aria-expanded", "false");
    i.setAttribute("aria-controls", this.list.id);
    i.autocomplete = "off";
    const box = document.createElement("div");
    box.className = "combo";
    i.before(box);
    box.append(i, this.list);
    this.listen(i);
  }

  // stand is the input that is seen in the place of the select.
  stand() {
    const s = this.source;
    const i = document.createElement("input");
    i.type = "text";
    i.placeholder = s.dataset.example || body.dataset.search || "";
    for (const name of ["aria-invalid", "aria-describedby"]) if (s.hasAttribute(name)) i.setAttribute(name, s.getAttribute(name));
    if (s.required) i.setAttribute("aria-required", "true");
    i.value = this.labelOf(s.value);
    s.before(i);
    s.hidden = true;
    s.ui = i;
    return i;
  }

  labelOf(value) {
    return this.first.find((o) => o.value === value)?.label ?? value;
  }

  listen(i) {
    const soon = after(this.live ? 180 : 0, () => this.look());
    i.addEventListener("input", (e) => {
      if (!this.free) e.stopPropagation();
      if (!this.quiet) soon();
    });
    i.addEventListener("change", (e) => {
      if (!this.free) e.stopPropagation();
    });
    i.addEventListener("click", () => this.list.hidden && this.look(true));
    i.addEventListener("keydown", (e) => this.key(e));
    i.addEventListener("blur", () => {
      soon.cancel();
      this.close();
      if (!this.free) this.settle();
    });
    this.list.addEventListener("pointerdown", (e) => e.preventDefault()); // the input keeps the focus
    this.list.addEventListener("click", (e) => {
      const li = e.target.closest("[role=option]");
      if (li) this.take(li);
    });
  }

  // settle gives the input the chosen option's label again; an emptied one chooses nothing.
  settle() {
    const typed = this.input.value.trim().toLowerCase();
    const exact = this.first.find((o) => o.label.toLowerCase() === typed || o.value.toLowerCase() === typed);
    if (exact && exact.value !== this.source.value) this.choose(exact.value, exact.label);
    else if (this.input.value.trim() === "" && this.source.value !== "") this.choose("", "");
    else this.input.value = this.labelOf(this.source.value);
  }

  async look(all) {
    const mine = ++this.asked;
    const typed = all ? "" : this.input.value.trim();
    let options = this.first;
    if (this.live && (typed !== "" || options.length === 0)) {
      const q = new URLSearchParams({ token: this.form.dataset.token, field: this.source.name.slice(2), q: typed });
      try {
        const r = await fetch(`/look/${encodeURIComponent(body.dataset.channel)}?${q}`, { headers: { Accept: "application/json" } });
        options = r.ok ? await r.json() : [];
      } catch {
        options = [];
      }
      if (mine !== this.asked || document.activeElement !== this.input) return;
    } else if (typed !== "") {
      const words = typed.toLowerCase().split(/\s+/);
      options = options.filter((o) => words.every((w) => `${o.label} ${o.value} ${o.help}`.toLowerCase().includes(w)));
    }
    this.show(options.slice(0, shownMost));
  }

  show(options) {
    this.at = -1;
    const items = options.map((o, n) => {
      const li = document.createElement("li");
      li.id = `${this.list.id}-${n}`;
      li.setAttribute("role", "option");
      li.setAttribute("aria-selected", String(o.value === this.source.value));
      li.dataset.value = o.value;
      li.dataset.label = o.label || o.value;
      const b = document.createElement("b");
      b.textContent = o.label || o.value;
      li.append(b);
      if (o.help) {
        const s = document.createElement("small");
        s.textContent = o.help;
        li.append(" ", s);
      }
      return li;
    });
    if (!items.length && !this.free) {
      const li = document.createElement("li");
      li.className = "none";
      li.textContent = body.dataset.nomatch;
      items.push(li);
    }
    this.list.replaceChildren(...items);
    this.list.hidden = items.length === 0;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    this.list.scrollIntoView({ block: "nearest" });
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  mark(at) {
    const all = this.options();
    if (!all.length) return;
    this.at = (at + all.length) % all.length;
    all.forEach((o, n) => o.classList.toggle("active", n === this.at));
    this.input.setAttribute("aria-activedescendant", all[this.at].id);
    all[this.at].scrollIntoView({ block: "nearest" });
  }

  close() {
    this.asked++;
    this.at = -1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  take(li) {
    this.close();
    this.choose(li.dataset.value, li.dataset.label);
  }

  choose(value, label) {
    const s = this.source;
    if (this.free) s.value = value;
    else {
      if (![...s.options].some((o) => o.value === value)) s.add(new Option(label, value));
      if (!this.first.some((o) => o.value === value)) this.first.push({ value, label, help: "" });
      s.value = value;
      this.input.value = label;
    }
    this.quiet = true; // what is chosen needs no more looking for
    s.dispatchEvent(new Event("input", { bubbles: true }));
    s.dispatchEvent(new Event("change", { bubbles: true }));
    this.quiet = false;
  }

  key(e) {
    const open = !this.list.hidden;
    const active = open ? this.options()[this.at] : null;
    switch (e.key) {
      case "ArrowDown":
        if (open) this.mark(this.at + 1);
        else this.look(true).then(() => this.mark(0));
        break;
      case "ArrowUp":
        if (open) this.mark(this.at < 0 ? -1 : this.at - 1);
        else this.look(true).then(() => this.mark(-1));
        break;
      case "Enter":
        if (!active && !(open && !this.free && this.options().length === 1)) return;
        this.take(active || this.options()[0]);
        break;
      case "Escape":
        if (!open) return;
        e.stopPropagation();
        this.close();
        break;
      case "Tab":
        if (active) this.take(active);
        return;
      default:
        return;
    }
    e.preventDefault();
  }
}

// clean is an option's label without the help that a plain select shows after it.
function clean(o) {
  const help = o.dataset.help;
  return help && o.label.endsWith(` — ${help}`) ? o.label.slice(0, -help.length - 3) : o.label;
}
