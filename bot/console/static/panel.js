// The side panel: what the reader builds, one card at a time, edited in place while they talk in the channel.
import { fragment, localTimes } from "/static/page.js";

const panel = document.getElementById("panel");
const rooms = document.getElementById("rooms");
const inner = document.getElementById("panel-body");
const list = document.getElementById("draft-list");

let lastDeed = 0;

// deed notes that the reader just did something: a draft that appears now is its answer.
export function deed() {
  lastDeed = Date.now();
}

const sections = () => [...(inner?.querySelectorAll(".draft") ?? [])];
const sectionOf = (key) => sections().find((s) => s.dataset.key === key);

// showDraft takes in a draft that came or changed.
export function showDraft(u) {
  if (!panel) return;
  const card = fragment(u.html);
  localTimes(card);
  const old = sectionOf(u.draft);
  if (old) {
    const held = old.contains(document.activeElement) && document.activeElement.dataset.verb;
    old.replaceChildren(card);
    if (held) (old.querySelector(`[data-verb="${CSS.escape(held)}"]`) || panel.querySelector("[data-panel-close]")).focus();
  } else {
    const s = document.createElement("section");
    s.className = "draft";
    s.id = u.id;
    s.dataset.key = u.draft;
    s.dataset.name = u.name;
    s.hidden = true;
    s.append(card);
    inner.prepend(s);
  }
  link(u);
  if (!old && u.open && Date.now() - lastDeed < 15000) openDraft(u.draft);
}

// link keeps the list of drafts: those that can still be worked on.
function link(u) {
  let a = [...list.querySelectorAll("a")].find((x) => x.dataset.draft === u.draft);
  if (u.open && !a) {
    const li = document.createElement("li");
    a = document.createElement("a");
    a.dataset.draft = u.draft;
    a.href = `?panel=${encodeURIComponent(u.draft)}`;
    a.textContent = `✎ ${u.name}`;
    li.append(a);
    list.prepend(li);
  }
  if (!u.open) a?.parentElement.remove();
  document.getElementById("drafts").hidden = !list.firstElementChild;
}

// waiting is the draft to open as soon as it comes.
let waiting = "";

export function openDraft(key) {
  const s = sectionOf(key);
  if (!panel || !key.startsWith("builder:")) return;
  if (!s) {
    waiting = key;
    return;
  }
  waiting = "";
  for (const x of sections()) x.hidden = x !== s;
  mark(key);
  panel.hidden = false;
  rooms.classList.add("with-panel");
  const url = new URL(location);
  url.searchParams.set("panel", key);
  history.replaceState(null, "", url);
}

function mark(key) {
  for (const a of list.querySelectorAll("a")) {
    if (a.dataset.draft === key) a.setAttribute("aria-current", "true");
    else a.removeAttribute("aria-current");
  }
}

export function closePanel(unfocused) {
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  rooms.classList.remove("with-panel");
  mark("");
  const url = new URL(location);
  url.searchParams.delete("panel");
  history.replaceState(null, "", url);
  if (!unfocused) document.querySelector(".room .composer textarea").focus();
  return true;
}

// uncover shows the channel, where an answer stands, when the panel lies upon it: on a phone.
export function uncover() {
  if (!panel || getComputedStyle(panel).position !== "fixed") return;
  closePanel(true);
  const log = document.getElementById("log");
  log.scrollTop = log.scrollHeight;
}

export function startPanel() {
  if (!panel) return;
  document.addEventListener("click", (e) => {
    const draft = e.target.closest("a[data-draft]");
    if (draft && sectionOf(draft.dataset.draft)) {
      e.preventDefault();
      openDraft(draft.dataset.draft);
      inner.querySelector(".draft:not([hidden]) button, .draft:not([hidden]) a")?.focus();
    }
    if (e.target.closest("[data-panel-close]")) {
      e.preventDefault();
      closePanel();
    }
  });
  new MutationObserver(() => {
    if (waiting && sectionOf(waiting)) openDraft(waiting);
  }).observe(inner, { childList: true });
}
