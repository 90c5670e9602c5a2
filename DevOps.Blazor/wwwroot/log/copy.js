// Copies what is selected in the log, without numbers and times.
export const copySelection = (event, scroller) => {
  const selection = getSelection();
  if (!selection || selection.isCollapsed) { return; }
  const range = selection.getRangeAt(0);
  const parts = [];
  for (const text of scroller.querySelectorAll(".log-text")) {
    if (range.intersectsNode(text)) { parts.push(within(range, text).toString()); }
  }
  if (parts.length > 0) {
    event.clipboardData.setData("text/plain", parts.join("\n"));
    event.preventDefault();
  }
};

const within = (range, node) => {
  const part = document.createRange();
  part.selectNodeContents(node);
  if (node.contains(range.startContainer)) { part.setStart(range.startContainer, range.startOffset); }
  if (node.contains(range.endContainer)) { part.setEnd(range.endContainer, range.endOffset); }
  return part;
};
