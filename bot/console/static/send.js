// Forms are sent without leaving the page: messages, buttons of cards, menus, dialogs.
import { closeDialog, openForm, takeForm, missing } from "/static/dialog.js";
import { sent as composed } from "/static/complete.js";
import { openDraft, uncover, deed } from "/static/panel.js";
import { body, button, tell } from "/static/page.js";

const dialog = document.getElementById("dialog");

// problem says what went wrong where the person looks: in the dialog, or above the messages.
function problem(form, text, again) {
  if (!dialog.open || !dialog.contains(form)) {
    tell(text, again && body.dataset.again, again, true);
    return;
  }
  let p = form.querySelector(".problem");
  if (!p) {
    p = document.createElement("span");
    p.className = "problem error";
    p.setAttribute("role", "alert");
    form.querySelector(".actions:last-of-type").prepend(p); // where the buttons are, in sight however far one has scrolled
  }
  p.replaceChildren(text);
  if (again) p.append(" ", button(body.dataset.again, again));
}

// underway is what a form is sending: by which button, when it is answered, and what a dialog is asked for next.
const underway = new WeakMap();

// send posts a form, once at a time: the same button again changes nothing, another button of a card waits its turn, and
// so does the last thing that is asked of a dialog. act names the button in the dialog's body, or the field, that hands
// over what is typed so far.
export async function send(form, submitter, act) {
  const inDialog = dialog.contains(form);
  for (let before; (before = underway.get(form)); await before.answered) {
    if (before.submitter === submitter && (submitter || !inDialog)) return;
    if (!inDialog) continue;
    before.next = { submitter, act };
    return;
  }
  if (inDialog && !act && missing(form)) return;
  let answered;
  let fresh = null;
  const mine = { submitter, answered: new Promise((resolve) => (answered = resolve)) };
  underway.set(form, mine);
  const data = new URLSearchParams(new FormData(form, submitter));
  if (act) data.set("value", `act ${act}`);
  submitter?.setAttribute("aria-busy", "true");
  deed();
  try {
    const r = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" });
    const a = await r.json();
    if (a.kind === "problem") {
      problem(form, a.text);
      return;
    }
    if (a.kind === "reload") {
      closeDialog();
      location.reload();
      return;
    }
    tell("");
    if (a.kind === "form") {
      if (inDialog) fresh = takeForm(form, data, a.html, Boolean(act));
      else openForm(a.html);
    } else if (inDialog) closeDialog();
    if (a.about) openDraft(a.about);
    else if (a.said && form.closest("#panel")) uncover();
    if (form.classList.contains("composer")) composed(form);
    for (const id of form.querySelectorAll('input[name="id"]')) if (a.id) id.value = a.id;
  } catch {
    problem(form, body.dataset.unsent, () => send(form, submitter, act));
  } finally {
    underway.delete(form);
    answered();
    submitter?.removeAttribute("aria-busy");
  }
  if (fresh && mine.next) send(fresh, twin(fresh, mine.next.submitter), mine.next.act);
}

// twin is a button of a dialog in the form that took its place.
function twin(form, b) {
  return b && [...form.querySelectorAll("button")].find((x) => x.name === b.name && x.value === b.value && x.dataset.act === b.dataset.act);
}

// fetchDialog opens the dialog that a link leads to.
async function fetchDialog(link) {
  try {
    const r = await fetch(link.href, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const a = await r.json();
    if (a.kind === "form") openForm(a.html);
    else tell(a.text, "", null, true);
  } catch {
    tell(body.dataset.unsent, body.dataset.again, () => fetchDialog(link), true);
  }
}

export function startSending() {
  document.addEventListener("click", (e) => {
    const link = e.target.closest("a[data-dialog]");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    fetchDialog(link);
  });
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post" || !form.closest("#log, #thread-log, #panel, #dialog, .composer")) return;
    e.preventDefault();
    send(form, e.submitter, e.submitter?.dataset.act);
  });
}
