// What the browser does by itself: times in the viewer's zone, copying, theme, language, the drawer, coming back after a lost connection.
(() => {
  "use strict";
  const root = document.documentElement;
  const year = 365 * 24 * 3600;
  const serverTime = Date.parse(document.querySelector('meta[name="server-time"]')?.content ?? "");
  const skew = Number.isNaN(serverTime) ? 0 : serverTime - Date.now();
  const now = () => Date.now() + skew;
  const setCookie = (name, value) => {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${year}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  };

  // Times
  const relative = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" });
  const short = new Intl.DateTimeFormat(root.lang, { dateStyle: "medium", timeStyle: "medium" });
  const full = new Intl.DateTimeFormat(root.lang, { dateStyle: "full", timeStyle: "long" });
  const steps = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [2592000, "day", 86400], [31536000, "month", 2592000], [Infinity, "year", 31536000]];
  const ago = (at) => {
    const seconds = Math.round((at - now()) / 1000);
    const size = Math.abs(seconds);
    if (size < 5) {
      return relative.format(0, "second");
    }
    const [, unit, length] = steps.find(([limit]) => size < limit);
    return relative.format(Math.trunc(seconds / length), unit);
  };
  const lasted = (ms) => {
    const seconds = Math.max(0, ms) / 1000;
    if (seconds < 10) {
      return `${seconds.toFixed(1)} s`;
    }
    const whole = Math.floor(seconds);
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const two = (n) => String(n).padStart(2, "0");
    return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  };

  const ticking = new Set();
  class Ticking extends HTMLElement {
    connectedCallback() { ticking.add(this); this.show(); }
    disconnectedCallback() { ticking.delete(this); }
    attributeChangedCallback() { if (this.isConnected) { this.show(); } }
    write(text, title) {
      if (this.textContent !== text) { this.textContent = text; }
      if (title && this.title !== title) { this.title = title; }
    }
  }
  customElements.define("relative-time", class extends Ticking {
    static observedAttributes = ["datetime", "format"];
    show() {
      const at = Date.parse(this.getAttribute("datetime"));
      if (Number.isNaN(at)) { return; }
      if (this.getAttribute("format") === "exact") { this.write(short.format(at), ago(at)); } else { this.write(ago(at), full.format(at)); }
    }
  });
  customElements.define("clock-time", class extends HTMLElement {
    connectedCallback() {
      const at = new Date(this.getAttribute("datetime"));
      if (Number.isNaN(at.getTime())) { return; }
      this.textContent = at.toLocaleTimeString("en-GB");
      this.title = full.format(at);
    }
  });
  customElements.define("elapsed-time", class extends Ticking {
    static observedAttributes = ["from", "to"];
    show() {
      const end = this.getAttribute("to");
      this.write(lasted((end ? Date.parse(end) : now()) - Date.parse(this.getAttribute("from"))));
    }
  });
  setInterval(() => {
    if (!document.hidden) {
      for (const element of ticking) { element.show(); }
    }
  }, 1000);

  // The focus: a page that was gone to gives it to its headline, a dialog to its first field, both in the moment in which they appear; later it would be
  // taken from somebody who types already. A dialog that goes gives it back.
  customElements.define("page-arrival", class extends HTMLElement {
    static observedAttributes = ["page"];
    attributeChangedCallback() {
      queueMicrotask(() => {
        const headline = document.querySelector("h1");
        if (!headline || document.activeElement?.matches("input, textarea, select")) { return; }
        headline.tabIndex = -1;
        headline.focus();
      });
    }
  });
  customElements.define("dialog-stage", class extends HTMLElement {
    #openers = new WeakMap();
    #watch = new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        for (const dialog of addedNodes) {
          const field = dialog.querySelector?.(".rz-dialog-content :is(input, select, textarea, button, a[href], [tabindex='0']):not(:disabled)");
          if (field) {
            this.#openers.set(dialog, document.activeElement);
            field.focus();
          }
        }
        for (const dialog of removedNodes) { this.#openers.get(dialog)?.focus(); }
      }
    });
    connectedCallback() { this.#watch.observe(this, { childList: true }); }
    disconnectedCallback() { this.#watch.disconnect(); }
  });

  // Copying
  const copy = async (button) => {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without TLS there is no clipboard interface; the old way still works.
      const area = Object.assign(document.createElement("textarea"), { value: text });
      button.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.setAttribute("data-copied", "");
    setTimeout(() => button.removeAttribute("data-copied"), 1600);
  };

  const drawer = (open) => {
    root.toggleAttribute("data-drawer", open);
    (open ? document.querySelector(".shell-nav-close") : document.querySelector(".shell-menu-button"))?.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy],[data-set-theme],[data-set-language],[data-drawer],[data-reload],.shell-nav a");
    if (!target || target === root) {
      return;
    }
    if (target.dataset.copy !== undefined) {
      copy(target);
    } else if (target.dataset.setTheme) {
      setCookie("theme", target.dataset.setTheme);
      root.dataset.theme = target.dataset.setTheme;
      target.closest("[popover]")?.hidePopover();
    } else if (target.dataset.setLanguage) {
      setCookie(".AspNetCore.Culture", `c=${target.dataset.setLanguage}|uic=${target.dataset.setLanguage}`);
      location.reload();
    } else if (target.dataset.drawer) {
      drawer(target.dataset.drawer === "open");
    } else if (target.dataset.reload !== undefined) {
      location.reload();
    } else if (root.hasAttribute("data-drawer")) {
      drawer(false);
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest(".menu a")) { event.target.closest("[popover]").hidePopover(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.hasAttribute("data-drawer")) { drawer(false); }
  });

  // A text too long for the wire stays here and the field says so; sent, it would cost the connection.
  const mostTyped = 256 * 1024;
  const isText = (field) => typeof field?.value === "string" && field.type !== "file";
  const refuse = (field, aloud) => {
    field.setCustomValidity(document.body.dataset.tooLong);
    if (aloud) { field.reportValidity(); }
  };
  const keepLong = (event) => {
    const field = event.target;
    if (!isText(field)) { return; }
    const tooLong = field.value.length > mostTyped;
    if (tooLong) {
      event.stopImmediatePropagation();
      refuse(field, event.type === "input");
    } else if (field.validity.customError && !event.type.startsWith("key")) { // The keys of a paste that was refused are still to be let go.
      field.setCustomValidity("");
    }
  };
  // Megabytes that are pasted or dropped do not even get into the field: a browser that lays them out stands still for half a minute.
  window.addEventListener("beforeinput", (event) => {
    const field = event.target;
    const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (isText(field) && text.length > mostTyped) {
      event.preventDefault();
      refuse(field, true);
    }
  }, { capture: true });
  // Every event of a field carries its text along, not only those that tell of a change.
  for (const kind of ["input", "change", "focusin", "focusout", "keydown", "keypress", "keyup", "click", "dblclick", "mousedown", "mouseup", "paste", "cut"]) { window.addEventListener(kind, keepLong, { capture: true }); }

  // A lost circuit: the framework tries for a while; we go on until the server answers. A server that no longer knows the circuit means a fresh page.
  let retrying = false;
  const retry = async () => {
    if (retrying) { return; }
    retrying = true;
    for (;;) {
      try {
        if (await Blazor.reconnect()) { retrying = false; return; }
        location.reload();
        return;
      } catch {
        await new Promise((done) => setTimeout(done, 2000));
      }
    }
  };
  const panel = document.getElementById("components-reconnect-modal");
  if (panel) {
    new MutationObserver(() => {
      if (panel.classList.contains("components-reconnect-rejected")) { location.reload(); }
      if (panel.classList.contains("components-reconnect-failed")) { retry(); }
    }).observe(panel, { attributes: true, attributeFilter: ["class"] });
  }
})();
