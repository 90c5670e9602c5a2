// Ctrl K opens the palette, ? the list of keys. Focus stays in the field; the chosen line is told by aria-activedescendant.
(() => {
  "use strict";
  const palette = () => document.getElementById("palette");
  const field = () => palette()?.querySelector("input");
  const options = () => [...(palette()?.querySelectorAll("[role=option]") ?? [])];
  const typing = (element) => element?.matches?.("input, textarea, select, [contenteditable]") ?? false;

  const choose = (index) => {
    const all = options();
    const at = all.length === 0 ? -1 : (index + all.length) % all.length;
    all.forEach((option, i) => {
      option.id = `palette-option-${i}`;
      option.setAttribute("aria-selected", i === at ? "true" : "false");
    });
    if (at < 0) {
      field()?.removeAttribute("aria-activedescendant");
      return;
    }
    field()?.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  };
  const chosen = () => options().findIndex((o) => o.getAttribute("aria-selected") === "true");

  let watched = null;
  const open = () => {
    const dialog = palette();
    if (!dialog || dialog.open || document.querySelector("dialog[open], .rz-dialog")) { return; }
    if (watched !== dialog) {
      watched = dialog;
      new MutationObserver(() => { if (dialog.open) { choose(Math.max(0, chosen())); } }).observe(dialog, { childList: true, subtree: true });
    }
    dialog.showModal();
    const input = field();
    input.value = "";
    input.focus();
    // The server fills the list as if the field had just been emptied.
    input.dispatchEvent(new Event("input", { bubbles: true }));
    choose(0);
  };

  document.addEventListener("keydown", (event) => {
    const dialog = palette();
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog?.open) { dialog.close(); } else { open(); }
      return;
    }
    if (dialog?.open) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        choose(chosen() + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        options()[chosen()]?.click();
      }
      return;
    }
    if (event.key === "?" && !event.ctrlKey && !event.metaKey && !typing(event.target) && !document.querySelector("dialog[open], .rz-dialog")) {
      event.preventDefault();
      document.getElementById("key-help")?.showModal();
    }
  });

  document.addEventListener("click", (event) => {
    const dialog = event.target.closest?.("dialog");
    if (event.target.closest?.("[data-open-palette]")) {
      open();
    } else if (dialog && (event.target === dialog || event.target.closest("a, [data-close-dialog]")) && ["palette", "key-help"].includes(dialog.id)) {
      dialog.close();
    }
  });
})();
