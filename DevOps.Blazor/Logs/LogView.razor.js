// The browser's half of the log: holds the rows near the screen, asks for lines by number, and tells what the reader does.
import { Lines, Rows } from "../log/model.js";
import { copySelection } from "../log/copy.js";
import { mark, unmark } from "../log/marks.js";
import { Window } from "../log/window.js";

const settings = "log-settings";
const hash = () => /^#L(\d+)(?:-L(\d+))?$/.exec(location.hash);

class LogView {
  #rows = new Rows();
  #stop = new AbortController();
  #frame = 0;
  #last = 0;
  #follow = false;
  #live = true;
  #hits = new Set();
  #hit = 0;
  #query = "";
  #chosen = null;
  #drag = false;

  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.scroller = root.querySelector(".log-scroll");
    this.lines = new Lines((from, count) => page.invokeMethodAsync("LinesAsync", from, count), () => this.#redraw());
    this.window = new Window(this.scroller, this.#rows, this.lines, (canvas) => this.#mark(canvas));
    this.#listen();
  }

  /** What the reader chose last time, and the line the address names. */
  begin() {
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(settings) ?? "{}"); } catch { kept = {}; }
    const narrow = matchMedia("(max-width: 760px)").matches;
    return { time: kept.time ?? !narrow, wrap: kept.wrap ?? narrow, line: this.#fromAddress() };
  }

  setSections(sections) {
    this.#rows.setSections(sections);
    this.#redraw();
  }

  /** News from the end of the log. */
  append(total, lines, live) {
    this.#live = live;
    this.lines.put(lines);
    if (total !== this.#rows.total) { this.#rows.setTotal(total); }
    this.#redraw();
  }

  setLook(time, wrap, fresh) {
    const line = this.window.topLine;
    this.root.classList.toggle("no-time", !time);
    this.root.classList.toggle("wrap", wrap);
    this.window.wrap = wrap;
    this.window.measure();
    if (!fresh) { localStorage.setItem(settings, JSON.stringify({ time, wrap })); }
    this.#draw();
    if (!this.#follow && !fresh) { this.window.show(this.#rows.indexOf(line)); this.#draw(); }
  }

  setFollow(on) {
    this.#follow = on;
    if (on) { this.#redraw(); }
  }

  setHits(query, hits, hit) {
    this.#query = query.toLowerCase();
    this.#hits = new Set(hits);
    this.#hit = hit ?? 0;
    if (hit) { this.showLine(hit, false); }
    this.#redraw();
  }

  showLine(line, choose) {
    this.#letGo();
    if (choose) { this.#choose(line, line); }
    this.#rows.unfold(line);
    const index = this.#rows.indexOf(line);
    this.#draw();
    if (choose || !this.window.isShown(index)) { this.window.show(index); }
    this.#draw();
    if (choose) { this.root.scrollIntoView({ block: "nearest" }); }
  }

  foldAll(on) {
    this.#rows.foldAll(on);
    this.#redraw();
  }

  topLine() { return this.window.topLine; }

  focusSearch() {
    const input = this.root.querySelector("input[type=search]");
    input?.focus();
    input?.select();
  }

  async toggleFull() {
    if (document.fullscreenElement) { await document.exitFullscreen(); } else { await this.root.requestFullscreen?.(); }
  }

  dispose() {
    this.#stop.abort();
    cancelAnimationFrame(this.#frame);
    unmark();
  }

  #listen() {
    const signal = this.#stop.signal;
    const on = (target, type, action, options = {}) => target.addEventListener(type, action, { signal, ...options });
    on(this.scroller, "scroll", () => this.#scrolled(), { passive: true });
    on(this.scroller, "wheel", (e) => this.#wheel(e), { passive: false });
    on(this.scroller, "pointerdown", (e) => { this.#drag = e.target === this.scroller || e.pointerType === "touch"; }, { passive: true });
    on(document, "pointerup", () => { this.#drag = false; });
    on(this.scroller, "touchend", () => { this.#drag = false; }, { passive: true });
    on(this.scroller, "click", (e) => this.#clicked(e));
    on(this.scroller, "copy", (e) => copySelection(e, this.scroller));
    on(this.root, "keydown", (e) => this.#key(e));
    on(document, "keydown", (e) => this.#find(e));
    on(document, "fullscreenchange", () => this.#tell("FullChanged", document.fullscreenElement === this.root));
    on(globalThis, "hashchange", () => { const line = this.#fromAddress(); if (line) { this.showLine(line, false); this.window.show(this.#rows.indexOf(line)); } });
    const observer = new ResizeObserver(() => this.#redraw());
    observer.observe(this.scroller);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  // Without a connection the toolbar cannot follow; the log itself goes on.
  #tell(what, ...values) { this.page.invokeMethodAsync(what, ...values).catch(() => {}); }

  #redraw() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.window.resize();
    if (this.#follow) { this.window.toEnd(); }
    this.#last = this.scroller.scrollTop;
    this.window.draw();
  }

  #scrolled() {
    const top = this.scroller.scrollTop;
    // Only the reader's hand lets go: a bar that is dragged, a wheel, a key. The position also moves by itself while lines come.
    if (top < this.#last - 1 && this.#drag) {
      this.#letGo();
    } else if (this.#follow && !this.window.isAtEnd) {
      this.#redraw();
    } else if (top >= this.#last && this.window.isAtEnd) {
      this.#takeHold();
    }
    this.#last = top;
    this.window.draw();
  }

  #letGo() {
    if (this.#follow) {
      this.#follow = false;
      this.#tell("FollowChanged", false);
    }
  }

  #takeHold() {
    if (!this.#follow && this.#live) {
      this.#follow = true;
      this.#tell("FollowChanged", true);
      this.#redraw();
    }
  }

  // With more rows than the browser can lay out, a turn of the wheel still moves by what it says.
  #wheel(event) {
    const scale = this.window.scale;
    const pixels = event.deltaY * (event.deltaMode === 1 ? this.window.rowHeight : 1);
    if (pixels < 0) {
      this.#letGo();
    } else if (pixels > 0 && this.scroller.scrollTop + pixels / scale >= this.window.farthest) {
      this.#takeHold();
    }
    if (scale > 1.2 && !event.ctrlKey && Math.abs(event.deltaY) > Math.abs(event.deltaX)) {
      event.preventDefault();
      this.scroller.scrollTop += pixels / scale;
    }
  }

  #clicked(event) {
    const number = event.target.closest(".log-n");
    const header = event.target.closest(".log-head");
    if (number) {
      event.preventDefault();
      event.stopPropagation();
      const n = Number(number.parentElement.dataset.n);
      this.#choose(event.shiftKey && this.#chosen ? this.#chosen.from : n, n, true);
      this.#letGo();
      this.#redraw();
    } else if (header && !getSelection()?.toString()) {
      this.#rows.fold(header.dataset.key, !this.#rows.isFolded(header.dataset.key));
      this.#letGo();
      this.#redraw();
    }
  }

  #choose(from, to, anchor) {
    const [low, high] = from <= to ? [from, to] : [to, from];
    this.#chosen = { from: anchor && from !== to ? from : low, low, high };
    const mark = low === high ? `#L${low}` : `#L${low}-L${high}`;
    history.replaceState(history.state, "", `${location.pathname}${location.search}${mark}`);
  }

  #fromAddress() {
    const named = hash();
    if (!named) { return null; }
    const [a, b] = [Number(named[1]), Number(named[2] ?? named[1])];
    this.#chosen = { from: Math.min(a, b), low: Math.min(a, b), high: Math.max(a, b) };
    return this.#chosen.low;
  }

  // The browser's own search sees only what is drawn, so the log's takes its place; asked twice, the browser's comes.
  #find(event) {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "f" && document.activeElement?.type !== "search") {
      event.preventDefault();
      this.focusSearch();
    }
  }

  #key(event) {
    if (event.key === "Escape" && event.target.type === "search" && event.target.value) {
      event.target.value = "";
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (["ArrowUp", "PageUp", "Home"].includes(event.key) && this.scroller.contains(event.target)) { this.#letGo(); }
    if (event.key === "End" && this.scroller.contains(event.target)) { this.#takeHold(); }
    if (event.target.matches("input, textarea") || event.ctrlKey || event.metaKey || event.altKey) { return; }
    const keys = { "/": "search", f: "follow", w: "wrap", t: "time", e: "error", n: "next", N: "previous" };
    if (keys[event.key] === "search") {
      event.preventDefault();
      this.focusSearch();
    } else if (keys[event.key]) {
      this.#tell("KeyAsync", keys[event.key]);
    }
  }

  #mark(canvas) { mark(canvas, { chosen: this.#chosen, hits: this.#hits, hit: this.#hit, query: this.#query }); }
}

export const open = (root, page) => new LogView(root, page);
