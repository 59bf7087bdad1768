// The page of a run: long values are cut until somebody wants all of them; a link to share is copied.
export function startRun() {
  for (const b of document.querySelectorAll("[data-all]")) {
    b.addEventListener("click", () => {
      const pre = document.getElementById(b.dataset.all);
      pre.classList.remove("cut");
      pre.tabIndex = -1;
      pre.focus();
      b.remove();
    });
  }
  const copy = document.querySelector("[data-copy]");
  copy?.addEventListener("click", async () => {
    const input = document.getElementById(copy.dataset.copy);
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
      copy.textContent = copy.dataset.done;
    } catch {
      document.execCommand("copy"); // browsers that keep the clipboard from pages without HTTPS
    }
  });
}
