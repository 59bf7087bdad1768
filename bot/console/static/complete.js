// The input box: ways to go on with a command, in a list to choose from; what was sent before; several lines.
import { after, body, nearEnd, toEnd } from "/static/page.js";

const historyMost = 50;
const offersMost = 25;

// Each input box has its list; asked numbers its questions, so that a late answer is dropped.
const boxes = new WeakMap();

function boxOf(area) {
  if (!boxes.has(area)) boxes.set(area, { list: area.form.querySelector(".offers"), asked: 0, at: -1, old: -1, draft: "" });
  return boxes.get(area);
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 200)}px`;
}

function close(area) {
  const box = boxOf(area);
  box.asked++;
  box.at = -1;
  box.list.hidden = true;
  area.setAttribute("aria-expanded", "false");
  area.removeAttribute("aria-activedescendant");
}

function mark(area, at) {
  const box = boxOf(area);
  const options = [...box.list.children];
  box.at = options.length ? (at + options.length) % options.length : -1;
  options.forEach((o, i) => o.setAttribute("aria-selected", String(i === box.at)));
  const active = options[box.at];
  if (!active) return;
  area.setAttribute("aria-activedescendant", active.id);
  active.scrollIntoView({ block: "nearest" });
}

function take(area, option) {
  const value = option.dataset.value;
  area.value = value.endsWith(" ") ? value : `${value} `;
  grow(area);
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  close(area);
  complete(area);
}

async function complete(area) {
  const box = boxOf(area);
  const mine = ++box.asked;
  if (!area.value.startsWith("/") || area.value.includes("\n")) {
    close(area);
    return;
  }
  let offers = [];
  try {
    const r = await fetch(`/complete/${encodeURIComponent(body.dataset.channel)}?q=${encodeURIComponent(area.value)}`, { headers: { Accept: "application/json" } });
    if (r.ok) offers = await r.json();
  } catch {
    offers = []; // without it one types on
  }
  if (mine !== box.asked || document.activeElement !== area) return;
  offers = offers.filter((o) => o.value.trim() !== area.value.trim()).slice(0, offersMost);
  box.list.replaceChildren(...offers.map((o, i) => {
    const li = document.createElement("li");
    li.id = `${box.list.id}-${i}`;
    li.setAttribute("role", "option");
    li.setAttribute("aria-selected", "false");
    li.dataset.value = o.value;
    const b = document.createElement("b");
    b.textContent = o.label || o.value;
    li.append(b);
    if (o.help) {
      const s = document.createElement("small");
      s.textContent = o.help;
      li.append(" ", s);
    }
    return li;
  }));
  box.at = -1;
  box.list.hidden = offers.length === 0;
  area.setAttribute("aria-expanded", String(offers.length > 0));
  area.removeAttribute("aria-activedescendant");
}

const completeSoon = after(100, complete);

function history() {
  try {
    return JSON.parse(sessionStorage.getItem("sent") || "[]");
  } catch {
    return [];
  }
}

// sent empties an input box whose text was taken, and remembers the text.
export function sent(form) {
  const area = form.elements.text;
  const text = area.value.trim();
  if (text) {
    const all = history().filter((x) => x !== text);
    try {
      sessionStorage.setItem("sent", JSON.stringify([text, ...all].slice(0, historyMost)));
    } catch {
      // a browser that keeps nothing has no history
    }
  }
  completeSoon.cancel();
  close(area);
  boxOf(area).old = -1;
  area.value = "";
  grow(area);
  const log = form.parentElement.querySelector(".log");
  if (log && !nearEnd(log)) toEnd(log);
}

// recall walks through what was sent: 1 is older, -1 newer.
function recall(area, step) {
  const box = boxOf(area);
  const all = history();
  if (box.old < 0) box.draft = area.value;
  const next = box.old + step;
  if (next < -1 || next >= all.length) return;
  box.old = next;
  area.value = next < 0 ? box.draft : all[next];
  grow(area);
  area.setSelectionRange(area.value.length, area.value.length);
}

function key(e) {
  const area = e.target;
  const box = boxOf(area);
  const open = !box.list.hidden;
  const active = open ? box.list.children[box.at] : null;
  switch (e.key) {
    case "Enter":
      if (e.shiftKey || e.isComposing) return;
      if (active) take(area, active);
      else area.form.requestSubmit();
      break;
    case "Tab":
      if (!open || e.shiftKey) return;
      take(area, active || box.list.firstElementChild);
      break;
    case "Escape":
      if (!open) return;
      close(area);
      break;
    case "ArrowDown":
      if (open) mark(area, box.at + 1);
      else if (box.old >= 0) recall(area, -1);
      else return;
      break;
    case "ArrowUp":
      if (open) mark(area, box.at < 0 ? -1 : box.at - 1);
      else if (box.old >= 0 || area.value === "") recall(area, 1);
      else return;
      break;
    default:
      return;
  }
  e.preventDefault();
}

export function startComplete() {
  document.addEventListener("keydown", (e) => {
    if (e.target.matches?.(".composer textarea")) key(e);
  });
  document.addEventListener("input", (e) => {
    if (!e.target.matches(".composer textarea")) return;
    boxOf(e.target).old = -1;
    grow(e.target);
    completeSoon(e.target);
  });
  document.addEventListener("focusout", (e) => {
    if (e.target.matches?.(".composer textarea")) close(e.target);
  });
  document.addEventListener("pointerdown", (e) => {
    const option = e.target.closest?.(".composer .offers [role=option]");
    if (option) e.preventDefault(); // the box keeps the focus
  });
  document.addEventListener("click", (e) => {
    const option = e.target.closest?.(".composer .offers [role=option]");
    if (option) take(option.closest("form").elements.text, option);
  });
}
