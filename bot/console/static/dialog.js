// Dialogs: opened over the page, changed in place, kept by the server while somebody types.
import { after, body, fragment, localTimes, tell } from "/static/page.js";
import { upgrade } from "/static/combo.js";
import { send } from "/static/send.js";

const dialog = document.getElementById("dialog");
const inner = document.getElementById("dialog-body");

const formOf = () => inner?.querySelector("form.dialog");
const inputs = (form) => [...form.querySelectorAll('[name^="f."]')];
const shown = (input) => (input.ui ? input.ui : input);

// openForm shows a dialog that is new to the reader.
export function openForm(html) {
  put(fragment(html));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  focusFirst(formOf());
}

function put(form) {
  form.noValidate = true; // what is missing is said in place, like all that is wrong
  inner.replaceChildren(form);
  inner.removeAttribute("data-kept");
  dialog.setAttribute("aria-labelledby", form.querySelector("h2").id);
  localTimes(form);
  upgrade(form);
}

function focusFirst(form) {
  const bad = form.querySelector('[aria-invalid="true"]') || form.querySelector(".wrong input, .wrong select, .wrong textarea");
  const first = inputs(form)[0] || form.querySelector("[data-submit]");
  const to = shown(bad || first);
  to.focus();
  if (to.select && to.type === "text") to.select();
}

// takeForm puts the server's answer to a form in its place. What was typed since it was sent stays; after a button or
// field that acts, focus and scroll stay too, when the dialog is still the same one: then it is given back.
export function takeForm(old, data, html, acted) {
  const fresh = fragment(html);
  const typed = new Map();
  for (const x of inputs(old)) {
    if (x.type !== "checkbox" && x.value !== (data.get(x.name) ?? "")) typed.set(x.name, x.value);
  }
  const at = document.activeElement;
  const held = at?.closest?.(".field")?.dataset.field;
  const verb = at?.dataset?.act;
  const span = at && "selectionStart" in at ? [at.selectionStart, at.selectionEnd] : null;
  const top = dialog.scrollTop;
  const same = old.dataset.key === fresh.dataset.key && old.querySelector("h2").textContent === fresh.querySelector("h2").textContent;
  for (const [name, value] of typed) {
    const x = fresh.querySelector(`[name="${CSS.escape(name)}"]`);
    if (x) x.value = value;
  }
  put(fresh);
  if (!acted || !same) {
    dialog.scrollTop = 0;
    focusFirst(fresh);
    return null;
  }
  dialog.scrollTop = top;
  const field = held && fresh.querySelector(`.field[data-field="${CSS.escape(held)}"]`);
  const x = field?.querySelector("[role=combobox]") || field?.querySelector("input:not([hidden]), textarea, select:not([hidden])");
  const b = verb && fresh.querySelector(`[data-act="${CSS.escape(verb)}"]`);
  const to = x || b || shown(inputs(fresh)[0] || fresh.querySelector("[data-submit]"));
  to.focus({ preventScroll: true });
  if (x && span && x.setSelectionRange && typed.has(x.name)) x.setSelectionRange(...span);
  return fresh;
}

// mend takes back what missing said about a field.
function mend(p) {
  const ui = document.getElementById(p.dataset.own);
  p.closest(".field").classList.remove("wrong");
  ui?.removeAttribute("aria-invalid");
  const tied = (ui?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== p.id);
  if (tied.length && tied[0]) ui?.setAttribute("aria-describedby", tied.join(" "));
  else ui?.removeAttribute("aria-describedby");
  p.remove();
}

// missing marks every needed field that is empty and goes to the first.
export function missing(form) {
  let first = null;
  for (const p of form.querySelectorAll("[data-own]")) mend(p);
  for (const x of inputs(form)) {
    if (!x.required || (x.type === "checkbox" ? x.checked : x.value.trim() !== "")) continue;
    const field = x.closest(".field");
    const ui = shown(x);
    const old = field.querySelector(".error"); // of what stood there before
    const tied = (ui.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== old?.id);
    old?.remove();
    const p = document.createElement("p");
    p.className = "error";
    p.dataset.own = ui.id;
    p.id = `${ui.id}-e`;
    p.setAttribute("role", "alert");
    p.textContent = body.dataset.needed;
    field.append(p);
    ui.setAttribute("aria-describedby", [p.id, ...tied].join(" "));
    field.classList.add("wrong");
    ui.setAttribute("aria-invalid", "true");
    first ||= ui;
  }
  first?.focus();
  return Boolean(first);
}

// keep hands what is typed to the server, so that a page that is loaded again shows it again.
function keep(closed) {
  const form = formOf();
  if (!form) return;
  const data = new URLSearchParams(new FormData(form));
  data.delete("value");
  if (closed) data.set("closed", "1");
  fetch("/keep", { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin", keepalive: true }).catch(() => {});
}

const keepSoon = after(400, keep);

// closeDialog puts an answered dialog away.
export function closeDialog() {
  keepSoon.cancel();
  inner.replaceChildren();
  if (dialog.open) dialog.close();
}

function reopen() {
  tell("");
  keep(false);
  dialog.showModal();
  focusFirst(formOf());
}

// putAway closes a dialog without an answer; what is typed stays, and can be gone on with.
function putAway() {
  const form = formOf();
  if (!form) return;
  keepSoon.cancel();
  keep(true);
  if (inputs(form).length) tell(form.querySelector("h2").textContent, body.dataset.reopen, reopen);
}

export function startDialogs() {
  dialog.addEventListener("close", putAway);
  for (const d of document.querySelectorAll("dialog")) {
    d.addEventListener("click", (e) => {
      if (e.target.closest("[data-close]")) d.close();
    });
  }
  inner.addEventListener("input", (e) => {
    const own = e.target.closest(".field")?.querySelector("[data-own]");
    if (own && e.target.value) mend(own);
    keepSoon();
  });
  inner.addEventListener("change", (e) => {
    const x = e.target.closest("[data-acts]");
    if (x?.form) send(x.form, undefined, x.dataset.acts);
    else keepSoon();
  });
  inner.addEventListener("keydown", (e) => {
    const x = e.target;
    if (e.key !== "Enter" || e.isComposing || e.defaultPrevented || !x.matches("input:not([type=submit])")) return;
    e.preventDefault();
    x.form.requestSubmit(x.form.querySelector("[data-submit]"));
  });
  window.addEventListener("pagehide", () => {
    if (dialog.open) keep(false);
  });
  const form = formOf();
  if (!form) return;
  const closed = inner.dataset.kept === "closed";
  put(form);
  if (closed) tell(form.querySelector("h2").textContent, body.dataset.reopen, reopen);
  else {
    dialog.showModal();
    focusFirst(form);
  }
}
