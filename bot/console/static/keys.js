// Keyboard shortcuts for the whole page. They stay out of the way of whoever types.
import { closePanel } from "/static/panel.js";

const keys = document.getElementById("keys");

export function startKeys() {
  document.addEventListener("click", (e) => {
    if (e.target.closest("[data-keys]")) keys.showModal();
  });
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    const typing = e.target.matches("input, textarea, select, [contenteditable]");
    if (e.key === "Escape" && !document.querySelector("dialog[open]") && closePanel()) {
      e.preventDefault();
      return;
    }
    if (typing || document.querySelector("dialog[open]")) return;
    if (e.key === "?") {
      e.preventDefault();
      keys.showModal();
    }
    if (e.key === "/") {
      const area = document.querySelector(".room .composer textarea");
      if (area.value) e.preventDefault(); // there is something already: the stroke itself goes nowhere
      area.focus(); // before the stroke arrives, so that it begins a command
    }
  });
}
