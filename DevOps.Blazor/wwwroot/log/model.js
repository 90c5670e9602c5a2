// Which rows there are: lines and the headers of steps, some of them folded away. Nothing here touches the page.
export class Rows {
  #sections = [];
  #folded = new Set();
  #parts = [];

  total = 0;
  count = 0;

  /** @param sections in order of their first line: { key, line, … } */
  setSections(sections) {
    this.#sections = sections;
    this.#lay();
  }

  setTotal(total) {
    this.total = total;
    this.#lay();
  }

  get sections() { return this.#sections; }

  isFolded(key) { return this.#folded.has(key); }

  fold(key, on) {
    if (on) { this.#folded.add(key); } else { this.#folded.delete(key); }
    this.#lay();
  }

  foldAll(on) {
    this.#folded = new Set(on ? this.#sections.map((s) => s.key) : []);
    this.#lay();
  }

  /** The row at an index: { section } for a header, { line, section } for a line. */
  at(index) {
    const part = this.#parts[this.#find((p) => p.row <= index)];
    const offset = index - part.row;
    return part.section && offset === 0
      ? { section: part.section }
      : { line: part.from + offset - (part.section ? 1 : 0), section: part.section };
  }

  /** Index of the row of a line; that of its step's header when the step is folded. */
  indexOf(line) {
    const part = this.#partOf(line);
    if (!part) { return 0; }
    return part.section && this.#folded.has(part.section.key) ? part.row : part.row + (part.section ? 1 : 0) + line - part.from;
  }

  indexOfSection(key) { return this.#parts.find((p) => p.section?.key === key)?.row ?? 0; }

  unfold(line) {
    const section = this.#partOf(line)?.section;
    if (section && this.#folded.has(section.key)) { this.fold(section.key, false); }
  }

  #partOf(line) { return this.#parts[this.#find((p) => p.from <= line)]; }

  // Index of the last part for which the condition holds; it holds for a beginning of the list.
  #find(holds) {
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (holds(this.#parts[middle])) { low = middle; } else { high = middle - 1; }
    }
    return low;
  }

  #lay() {
    const parts = [];
    let row = 0;
    const add = (section, from, to) => {
      const lines = Math.max(0, to - from + 1);
      const shown = section && this.#folded.has(section.key) ? 0 : lines;
      parts.push({ section, from, row });
      row += shown + (section ? 1 : 0);
    };
    const sections = this.#sections;
    if (sections.length === 0 || sections[0].line > 1) {
      add(null, 1, sections.length > 0 ? Math.min(this.total, sections[0].line - 1) : this.total);
    }
    sections.forEach((section, i) => {
      const next = sections[i + 1]?.line ?? Infinity;
      add(section, section.line, Math.min(this.total, next - 1));
    });
    this.#parts = parts;
    this.count = row;
  }
}

// An answer that was on its way when the connection broke never arrives.
const after = (ms) => new Promise((_, reject) => { setTimeout(() => reject(new Error("no answer")), ms); });

// Lines near the screen, fetched by number in blocks; the rest is forgotten.
export class Lines {
  static #size = 200;
  static #most = 24;
  static #patience = 6000;
  #blocks = new Map();

  /** @param fetch (from, count) => Promise of lines; @param loaded called when some came */
  constructor(fetch, loaded) {
    this.fetch = fetch;
    this.loaded = loaded;
  }

  get(n) { return this.#blocks.get(Math.floor((n - 1) / Lines.#size))?.lines[(n - 1) % Lines.#size]; }

  put(lines) {
    for (const line of lines) {
      this.#block(Math.floor((line.n - 1) / Lines.#size)).lines[(line.n - 1) % Lines.#size] = line;
    }
  }

  /** Sees to it that these lines come. */
  want(from, to) {
    for (let key = Math.floor((from - 1) / Lines.#size); key <= Math.floor((to - 1) / Lines.#size); key++) {
      const block = this.#block(key);
      const first = key * Lines.#size + 1;
      const missing = [];
      for (let n = Math.max(from, first); n <= Math.min(to, first + Lines.#size - 1); n++) {
        if (!block.lines[(n - 1) % Lines.#size]) { missing.push(n); }
      }
      if (missing.length > 0 && !block.loading) { this.#load(block, first); }
    }
    this.#trim();
  }

  async #load(block, first) {
    block.loading = true;
    try {
      const lines = await Promise.race([this.fetch(first, Lines.#size), after(Lines.#patience)]);
      this.put(lines);
      block.loading = false;
      if (lines.length > 0) { this.loaded(); }
    } catch {
      // The connection is away; whoever comes back to these lines asks again.
      setTimeout(() => { block.loading = false; this.loaded(); }, 1500);
    }
  }

  #block(key) {
    const block = this.#blocks.get(key) ?? { lines: new Array(Lines.#size), loading: false };
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    return block;
  }

  #trim() {
    for (const key of this.#blocks.keys()) {
      if (this.#blocks.size <= Lines.#most) { break; }
      this.#blocks.delete(key);
    }
  }
}
