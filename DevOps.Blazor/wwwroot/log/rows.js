// Makes the elements of rows. Text of the log only ever becomes text nodes.
const two = (n) => String(n).padStart(2, "0");
const clock = (ms) => {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) { made.textContent = text; }
  return made;
};

const span = (piece) => {
  const made = element("span", piece.class ?? "", piece.text);
  if (piece.colour) { made.style.color = piece.colour; }
  if (piece.back) { made.style.backgroundColor = piece.back; }
  return made;
};

export const lineRow = (n, section) => {
  const row = element("div", "log-row");
  row.dataset.n = n;
  const number = element("a", "log-n", n);
  number.href = `${location.pathname}${location.search}#L${n}`;
  row.append(number, element("time", "log-time"), element("span", "log-text"));
  row.dataset.section = section?.key ?? "";
  return row;
};

export const fillLine = (row, line, section) => {
  const [, time, text] = row.children;
  row.dataset.filled = "";
  row.classList.toggle("err", line.k === "e");
  row.classList.toggle("sys", line.k === "s");
  time.textContent = clock(line.a);
  time.title = new Date(line.a).toLocaleString(document.documentElement.lang);
  text.replaceChildren();
  if (line.s && line.s !== section?.server) { text.before(element("span", "log-server", line.s)); }
  if (line.x) { text.append(...line.x.map(span)); } else { text.append(line.t ?? ""); }
};

export const headerRow = (section, folded) => {
  const row = element("div", "log-head");
  row.dataset.key = section.key;
  row.dataset.look = JSON.stringify([section, folded]);
  const button = element("button", "log-fold");
  button.type = "button";
  button.setAttribute("aria-expanded", String(!folded));
  const arrow = element("i", "icon", folded ? "chevron_right" : "expand_more");
  arrow.setAttribute("aria-hidden", "true");
  button.append(arrow, element("strong", "", section.title));
  row.append(button);
  if (section.server) { row.append(element("span", "log-server", section.server)); }
  const note = element("span", `log-note ${section.tone}`, section.note);
  row.append(note);
  if (section.began) {
    const elapsed = document.createElement("elapsed-time");
    elapsed.setAttribute("from", section.began);
    if (section.ended) { elapsed.setAttribute("to", section.ended); }
    row.append(elapsed);
  }
  return row;
};
