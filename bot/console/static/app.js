// The console's script. Everything works without it, by links and forms; it saves reloads: messages come and change
// by themselves, dialogs open over the page, the composer stays where it is.
import { startComplete } from "/static/complete.js";
import { startDialogs } from "/static/dialog.js";
import { startKeys } from "/static/keys.js";
import { startPanel, showDraft } from "/static/panel.js";
import { startRun } from "/static/run.js";
import { startSending } from "/static/send.js";
import { body, fragment, localTimes, nearEnd, tell, toEnd } from "/static/page.js";

const log = document.getElementById("log");
const threadLog = document.getElementById("thread-log");

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
  if (u.direct) {
    if (u.draft) showDraft(u);
    else if (u.at > Number(body.dataset.now)) document.getElementById("direct")?.classList.add("unread");
    return;
  }
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
  let lost = false;
  source.onopen = () => {
    if (lost) tell("");
    lost = false;
  };
  source.onmessage = (e) => show(JSON.parse(e.data));
  source.onerror = () => {
    lost = true;
    tell(source.readyState === EventSource.CLOSED ? body.dataset.gone : body.dataset.lost, "", null, true);
  };
  window.addEventListener("beforeunload", () => source.close());
}

// The button of the colours changes them at once; the server remembers them in a cookie.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (!form.classList.contains("colours")) return;
  e.preventDefault();
  const data = new URLSearchParams(new FormData(form, e.submitter));
  fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" })
    .then((r) => r.json())
    .then((a) => {
      if (a.theme) document.documentElement.dataset.theme = a.theme;
      else delete document.documentElement.dataset.theme;
      const b = form.querySelector("button");
      b.value = a.next;
      b.querySelector(".word").textContent = a.label;
    }, () => {});
});

localTimes(document);
startRun();
if (!log && document.getElementById("dialog")) { // a page with dialogs that is not a channel
  startSending();
  startDialogs();
  body.dataset.ready = "yes";
}
if (log) {
  for (const m of document.querySelectorAll("#thread-log .msg")) seenReplies.add(m.id);
  toEnd(log);
  if (threadLog) toEnd(threadLog);
  startSending();
  startDialogs();
  startComplete();
  startPanel();
  startKeys();
  listen();
  body.dataset.ready = "yes";
}
