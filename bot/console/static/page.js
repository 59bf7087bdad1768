// What every part of the page needs: its body, times in the browser's own zone, the line that tells how things stand.
export const body = document.body;

const state = document.getElementById("state");

export function localTimes(root) {
  for (const t of root.querySelectorAll("time[datetime]")) {
    const at = new Date(t.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const lang = document.documentElement.lang || [];
    const clock = { hour: "numeric", minute: "2-digit" };
    if (t.hasAttribute("data-full")) t.textContent = at.toLocaleString(lang);
    else if (t.hasAttribute("data-seconds")) t.textContent = at.toLocaleTimeString(lang, { ...clock, second: "2-digit" });
    else if (t.hasAttribute("data-day")) t.textContent = at.toLocaleString(lang, { weekday: "short", month: "short", day: "numeric", ...clock });
    else if (t.hasAttribute("data-date")) t.textContent = at.toLocaleDateString(lang, { dateStyle: "long" });
    else if (t.hasAttribute("data-clock")) t.textContent = at.toLocaleTimeString(lang, clock);
    t.title = at.toLocaleString(lang);
  }
}

export function nearEnd(list) {
  return list.scrollHeight - list.scrollTop - list.clientHeight < 120;
}

export function toEnd(list) {
  list.scrollTop = list.scrollHeight;
}

// tell writes the line under the heading, with a button where there is something to do about it.
export function tell(text, label, act, bad) {
  if (!state) return;
  state.classList.toggle("bad", Boolean(bad));
  state.replaceChildren(text);
  if (label) state.append(" ", button(label, act));
}

export function button(label, act) {
  const b = document.createElement("button");
  b.type = "button";
  b.textContent = label;
  b.addEventListener("click", act);
  return b;
}

export function fragment(html) {
  const t = document.createElement("template");
  t.innerHTML = html; // made and escaped by the server
  return t.content.firstElementChild;
}

// after calls a function once nothing has asked for it any more for a while.
export function after(ms, act) {
  let timer = 0;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
