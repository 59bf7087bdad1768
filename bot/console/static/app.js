// The console's script. Everything works without it, by links and forms; it saves reloads: messages come and change
// by themselves, dialogs open over the page, the composer stays where it is.
"use strict";

const body = document.body;
const log = document.getElementById("log");
const threadLog = document.getElementById("thread-log");
const dialog = document.getElementById("dialog");
const state = document.getElementById("state");

// Times in the browser's own zone.
function localTimes(root) {
  for (const t of root.querySelectorAll("time[datetime]")) {
    const at = new Date(t.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const clock = { hour: "numeric", minute: "2-digit" };
    if (t.hasAttribute("data-full")) t.textContent = at.toLocaleString();
    else if (t.hasAttribute("data-day")) t.textContent = at.toLocaleString([], { weekday: "short", month: "short", day: "numeric", ...clock });
    else if (t.hasAttribute("data-date")) t.textContent = at.toLocaleDateString([], { dateStyle: "long" });
    else if (t.hasAttribute("data-clock")) t.textContent = at.toLocaleTimeString([], clock);
    t.title = at.toLocaleString();
  }
}

function nearEnd(list) {
  return list.scrollHeight - list.scrollTop - list.clientHeight < 120;
}

function toEnd(list) {
  list.scrollTop = list.scrollHeight;
}

function tell(text) {
  if (state) state.textContent = text;
}

function fragment(html) {
  const t = document.createElement("template");
  t.innerHTML = html; // made and escaped by the server
  return t.content.firstElementChild;
}

// keepOpen carries over which details a person has opened in a message that is replaced.
function keepOpen(from, to) {
  const opened = [...from.querySelectorAll("details")].map((d) => d.open);
  to.querySelectorAll("details").forEach((d, i) => {
    if (opened[i]) d.open = true;
  });
}

const seenReplies = new Set();

function countReply(u) {
  if (seenReplies.has(u.id)) return;
  seenReplies.add(u.id);
  const link = document.querySelector(`#${CSS.escape(u.thread)} .replies a`);
  if (!link) return;
  const n = Number(link.dataset.replies) + 1;
  link.dataset.replies = n;
  link.textContent = body.dataset.replies.replace("{n}", n);
  link.parentElement.classList.remove("none");
}

// show puts a message where it belongs, or replaces the one that stands there.
function show(u) {
  const fresh = fragment(u.html);
  const old = document.getElementById(u.id);
  localTimes(fresh);
  const root = document.getElementById(`root-${u.id}`);
  if (root) { // the message that the open thread hangs on stands there a second time
    const copy = fresh.cloneNode(true);
    copy.id = root.id;
    copy.className = root.className;
    copy.querySelector(".replies")?.remove();
    keepOpen(root, copy);
    root.replaceWith(copy);
  }
  if (old) {
    keepOpen(old, fresh);
    const before = old.querySelector(".replies a");
    const after = fresh.querySelector(".replies a");
    if (before && after) {
      after.dataset.replies = before.dataset.replies;
      after.textContent = before.textContent;
      after.parentElement.className = before.parentElement.className;
    }
    const held = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (held) {
      fresh.tabIndex = -1;
      fresh.focus();
    }
    return;
  }
  if (u.thread) countReply(u);
  const list = u.thread ? (u.thread === body.dataset.thread ? threadLog : null) : log;
  if (!list) return;
  const follow = nearEnd(list);
  let next = null;
  for (let li = list.lastElementChild; li && Number(li.dataset.at) > u.at; li = li.previousElementSibling) next = li;
  list.insertBefore(fresh, next);
  document.getElementById("empty")?.remove();
  if (follow) toEnd(list);
}

function listen() {
  const url = `/events/${encodeURIComponent(body.dataset.channel)}?since=${body.dataset.since}`;
  const source = new EventSource(url);
  source.onopen = () => tell("");
  source.onmessage = (e) => show(JSON.parse(e.data));
  source.onerror = () => {
    tell(source.readyState === EventSource.CLOSED ? "Not connected. Reload the page." : "Connecting again…");
  };
  window.addEventListener("beforeunload", () => source.close());
}

// openForm shows a dialog, keeping what is typed when the server sends it back with errors.
function openForm(html) {
  document.getElementById("dialog-body").replaceChildren(fragment(html));
  localTimes(dialog);
  if (!dialog.open) dialog.showModal();
  const bad = dialog.querySelector('[aria-invalid="true"]');
  const first = dialog.querySelector("form input:not([type=hidden]), textarea, select");
  (bad || first || dialog).focus();
}

function problem(form, text) {
  if (!dialog.open || !dialog.contains(form)) {
    tell(text);
    return;
  }
  let p = form.querySelector(".problem");
  if (!p) {
    p = document.createElement("p");
    p.className = "problem error";
    p.setAttribute("role", "alert");
    form.prepend(p);
  }
  p.textContent = text;
}

async function send(form, submitter) {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const data = new URLSearchParams(new FormData(form, submitter));
  if (submitter) submitter.setAttribute("aria-busy", "true");
  try {
    const r = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" });
    const a = await r.json();
    if (a.kind === "problem") {
      problem(form, a.text);
      return;
    }
    tell("");
    if (a.kind === "form") openForm(a.html);
    else if (dialog.contains(form)) dialog.close();
    if (form.classList.contains("composer")) {
      form.elements.text.value = "";
      grow(form.elements.text);
    }
    for (const id of document.querySelectorAll('input[name="id"]')) if (id.form === form && a.id) id.value = a.id;
  } catch {
    problem(form, "I could not reach Bretelle, so that does not count. What you typed is still here.");
  } finally {
    delete form.dataset.busy;
    if (submitter) submitter.removeAttribute("aria-busy");
  }
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 200)}px`;
}

// Completion: ways to go on with a command line.
let asked = 0;
async function complete(form) {
  const area = form.elements.text;
  const list = form.querySelector(".offers");
  const mine = ++asked;
  if (!area.value.startsWith("/") || area.value.includes("\n")) {
    list.hidden = true;
    return;
  }
  try {
    const r = await fetch(`/complete/${encodeURIComponent(body.dataset.channel)}?q=${encodeURIComponent(area.value)}`, { headers: { Accept: "application/json" } });
    if (!r.ok || mine !== asked) return;
    const offers = await r.json();
    if (mine !== asked) return;
    list.replaceChildren(
      ...offers.slice(0, 8).map((o) => {
        const li = document.createElement("li");
        const b = document.createElement("button");
        b.type = "button";
        b.textContent = o.label || o.value;
        b.dataset.value = o.value;
        if (o.help) {
          const s = document.createElement("small");
          s.textContent = o.help;
          b.append(" ", s);
        }
        li.append(b);
        return li;
      }),
    );
    list.hidden = offers.length === 0;
  } catch {
    list.hidden = true;
  }
}

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (!log || form.method !== "post" || !form.closest("#log, #thread-log, #dialog, .composer")) return;
  e.preventDefault();
  send(form, e.submitter);
});

document.addEventListener("click", (e) => {
  const b = e.target.closest("button");
  if (b?.dataset.close !== undefined && dialog?.contains(b)) dialog.close();
  if (b?.closest(".offers")) {
    const form = b.closest("form");
    form.elements.text.value = b.dataset.value;
    form.elements.text.focus();
    form.querySelector(".offers").hidden = true;
  }
});

document.addEventListener("keydown", (e) => {
  if (!e.target.matches?.(".composer textarea")) return;
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
    e.preventDefault();
    e.target.form.requestSubmit();
  }
  if (e.key === "Escape") e.target.form.querySelector(".offers").hidden = true;
});

document.addEventListener("input", (e) => {
  if (!e.target.matches(".composer textarea")) return;
  grow(e.target);
  complete(e.target.form);
});

localTimes(document);
if (log) {
  for (const m of document.querySelectorAll("#thread-log .msg")) seenReplies.add(m.id);
  toEnd(log);
  if (threadLog) toEnd(threadLog);
  listen();
  body.dataset.ready = "yes";
}
