// Forms are sent without leaving the page: messages, buttons of cards, menus, dialogs.
import { closeDialog, openForm, takeForm, missing } from "/static/dialog.js";
import { sent as composed } from "/static/complete.js";
import { openDraft, deed } from "/static/panel.js";
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
    p = document.createElement("p");
    p.className = "problem error";
    p.setAttribute("role", "alert");
    form.querySelector(".actions:last-of-type").before(p);
  }
  p.replaceChildren(text);
  if (again) p.append(" ", button(body.dataset.again, again));
  p.scrollIntoView({ block: "nearest" });
}

// send posts a form. act names the button in the dialog's body, or the field, that hands over what is typed so far.
export async function send(form, submitter, act) {
  if (form.dataset.busy) return;
  const inDialog = dialog.contains(form);
  if (inDialog && !act && missing(form)) return;
  form.dataset.busy = "1";
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
    tell("");
    if (a.kind === "form") {
      if (inDialog) takeForm(form, data, a.html, Boolean(act));
      else openForm(a.html);
    } else if (inDialog) closeDialog();
    if (a.about) openDraft(a.about);
    if (form.classList.contains("composer")) composed(form);
    for (const id of form.querySelectorAll('input[name="id"]')) if (a.id) id.value = a.id;
  } catch {
    problem(form, body.dataset.unsent, () => send(form, submitter, act));
  } finally {
    delete form.dataset.busy;
    submitter?.removeAttribute("aria-busy");
  }
}

export function startSending() {
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post" || !form.closest("#log, #thread-log, #panel, #dialog, .composer")) return;
    e.preventDefault();
    send(form, e.submitter, e.submitter?.dataset.act);
  });
}
