// Draws the rows near the screen and nothing else. The scroll position is a share of the whole; the row at that share of all rows
// is drawn at that share of the height. That is plain scrolling for rows of one height, and stays exact at both ends when rows wrap
// or when there are more of them than a browser can lay out.
import { fillLine, headerRow, lineRow } from "./rows.js";

const MOST_PIXELS = 12_000_000;
const BEYOND = 12;

export class Window {
  #drawn = new Map();
  #height = 0;
  #widest = 0;
  #average = 0;

  constructor(scroller, rows, lines, mark) {
    this.scroller = scroller;
    this.space = scroller.firstElementChild;
    this.canvas = this.space.firstElementChild;
    this.rows = rows;
    this.lines = lines;
    this.mark = mark;
    this.wrap = false;
    this.measure();
  }

  measure() {
    const probe = lineRow(1, null);
    this.canvas.append(probe);
    this.rowHeight = probe.getBoundingClientRect().height || 20;
    probe.remove();
    this.#average = this.rowHeight;
    this.#widest = 0;
    this.space.style.minWidth = "";
  }

  get scale() { return Math.max(1, (this.rows.count * this.rowHeight) / MOST_PIXELS); }

  get farthest() { return Math.max(0, this.#height - this.scroller.clientHeight); }

  get share() { return this.farthest > 0 ? Math.min(1, this.scroller.scrollTop / this.farthest) : 0; }

  get isAtEnd() { return this.farthest - this.scroller.scrollTop < 3; }

  /** Number of the first line on the screen. */
  get topLine() {
    const top = this.scroller.getBoundingClientRect().top;
    const row = [...this.canvas.children].find((r) => r.dataset.n && r.getBoundingClientRect().bottom > top);
    return Number(row?.dataset.n ?? 1);
  }

  resize() {
    const height = Math.min(MOST_PIXELS, this.rows.count * (this.wrap ? this.#average : this.rowHeight));
    const share = this.share;
    if (Math.abs(height - this.#height) > 0.5) {
      const stay = this.wrap && this.#height > 0 ? share : null;
      this.#height = height;
      this.space.style.height = `${height}px`;
      if (stay !== null) { this.scroller.scrollTop = stay * this.farthest; }
    }
  }

  toEnd() { this.scroller.scrollTop = this.farthest; }

  /** Puts a row at a third of the height. */
  show(index) {
    const visible = this.scroller.clientHeight;
    const all = this.rows.count * this.rowHeight;
    if (this.wrap || all <= visible) {
      this.scroller.scrollTop = ((index + 0.5) / Math.max(1, this.rows.count)) * this.farthest;
    } else {
      const top = Math.min(all - visible, Math.max(0, index * this.rowHeight - visible / 3));
      this.scroller.scrollTop = (top / (all - visible)) * this.farthest;
    }
  }

  isShown(index) {
    const key = this.#key(this.rows.at(index));
    const box = this.#drawn.get(key)?.getBoundingClientRect();
    const frame = this.scroller.getBoundingClientRect();
    return box && box.top >= frame.top && box.bottom <= frame.bottom;
  }

  draw() {
    this.resize();
    const { clientHeight: visible, scrollTop } = this.scroller;
    const count = this.rows.count;
    const share = this.share;
    const anchor = share * count;
    const sticky = this.wrap || this.scale > 1;
    this.canvas.classList.toggle("sticky", sticky);
    const above = Math.ceil((share * visible) / this.rowHeight) + (this.wrap ? 2 : BEYOND);
    const below = Math.ceil(((1 - share) * visible) / this.rowHeight) + (this.wrap ? 2 : BEYOND);
    const first = Math.max(0, Math.floor(anchor) - above);
    const last = Math.min(count - 1, Math.floor(anchor) + below);
    this.#render(first, last);
    const top = this.wrap
      ? this.#measured(anchor, share * visible)
      : first * this.rowHeight - (anchor * this.rowHeight - share * visible);
    this.canvas.style.transform = `translateY(${sticky ? top : scrollTop + top}px)`;
    this.#widen();
  }

  #render(first, last) {
    const wanted = new Map();
    let from = Infinity;
    let to = 0;
    for (let index = first; index <= last; index++) {
      const row = this.rows.at(index);
      wanted.set(this.#key(row), row);
      if (row.line) { from = Math.min(from, row.line); to = Math.max(to, row.line); }
    }
    if (to > 0) { this.lines.want(from, to); }
    for (const [key, drawn] of this.#drawn) {
      if (!wanted.has(key)) { drawn.remove(); this.#drawn.delete(key); }
    }
    let place = this.canvas.firstElementChild;
    for (const [key, row] of wanted) {
      const drawn = this.#row(key, row);
      if (place && place.parentNode !== this.canvas) { place = drawn; }
      if (drawn === place) { place = place.nextElementSibling; } else { this.canvas.insertBefore(drawn, place); }
    }
    this.mark(this.canvas);
  }

  // A row that is drawn already keeps its element, so that selected text stays selected.
  #row(key, row) {
    let drawn = this.#drawn.get(key);
    if (!row.line) {
      const folded = this.rows.isFolded(row.section.key);
      const look = JSON.stringify([row.section, folded]);
      if (drawn?.dataset.look !== look) {
        const fresh = headerRow(row.section, folded);
        const focused = drawn?.contains(document.activeElement);
        drawn?.replaceWith(fresh);
        drawn = fresh;
        if (focused) { drawn.firstElementChild.focus({ preventScroll: true }); }
      }
    } else {
      drawn ??= lineRow(row.line, row.section);
      const line = drawn.dataset.filled === undefined ? this.lines.get(row.line) : undefined;
      if (line) { fillLine(drawn, line, row.section); }
    }
    this.#drawn.set(key, drawn);
    return drawn;
  }

  #measured(anchor, at) {
    const rows = this.canvas.children;
    const drawn = rows.length;
    if (drawn === 0) { return 0; }
    const average = this.canvas.offsetHeight / drawn;
    if (Math.abs(average - this.#average) > this.#average * 0.4) {
      this.#average = Math.max(this.rowHeight, average);
      this.resize();
    }
    const index = Math.min(Math.floor(anchor), this.rows.count - 1);
    const row = this.#drawn.get(this.#key(this.rows.at(index)));
    const part = Math.min(1, anchor - index);
    return at - (row.offsetTop + part * row.offsetHeight);
  }

  // The width only grows, so that the horizontal bar does not jump while one scrolls.
  #widen() {
    const width = this.wrap ? 0 : Math.max(this.#widest, this.canvas.scrollWidth);
    if (width !== this.#widest) {
      this.#widest = width;
      this.space.style.minWidth = width ? `${width}px` : "";
    }
  }

  #key(row) { return row.line ?? `s${row.section.key}`; }
}
