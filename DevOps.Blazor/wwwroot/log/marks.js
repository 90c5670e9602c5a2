// Marks what was chosen and what was found in the rows that are drawn. Found words are highlighted without touching the rows.
const name = "log-search";

export const mark = (canvas, { chosen, hits, hit, query }) => {
  const ranges = [];
  for (const row of canvas.children) {
    const n = Number(row.dataset.n);
    if (!n) { continue; }
    row.classList.toggle("chosen", chosen !== null && n >= chosen.low && n <= chosen.high);
    row.classList.toggle("hit", hits.has(n));
    row.classList.toggle("current", n === hit);
    if (query && hits.has(n)) { find(row.lastElementChild, query, ranges); }
  }
  if (globalThis.Highlight && CSS.highlights) { CSS.highlights.set(name, new Highlight(...ranges)); }
};

export const unmark = () => globalThis.CSS?.highlights?.delete(name);

const find = (text, query, ranges) => {
  const content = text.textContent.toLowerCase();
  // In a few languages small letters have another length; then the row alone is marked.
  if (content.length !== text.textContent.length) { return; }
  const nodes = [];
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let start = 0; walker.nextNode(); start += walker.currentNode.length) { nodes.push([start, walker.currentNode]); }
  const place = (at, end) => {
    const [start, node] = nodes.findLast(([s]) => (end ? s < at : s <= at));
    return [node, at - start];
  };
  for (let at = content.indexOf(query); at >= 0; at = content.indexOf(query, at + query.length)) {
    const range = new Range();
    range.setStart(...place(at, false));
    range.setEnd(...place(at + query.length, true));
    ranges.push(range);
  }
};
