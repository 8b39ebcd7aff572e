// Two texts line by line: what both have, what only one has.

/** Beyond so many pairs of lines the two are only set side by side. */
const MOST = 4_000_000;

/** `[{kind: "both" | "a" | "b", text}]` in order. */
export function diff(a, b) {
  const before = a.split("\n");
  const after = b.split("\n");
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const same = (lines) => lines.map((text) => ({ kind: "both", text }));
  return [
    ...same(before.slice(0, start)),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/** The longest common subsequence, by the table that everyone knows. */
function middle(a, b) {
  const only = (kind, lines) => lines.map((text) => ({ kind, text }));
  if (a.length * b.length > MOST) return [...only("a", a), ...only("b", b)];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: "both", text: a[i] });
      i += 1;
      j += 1;
    } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) lines.push({ kind: "a", text: a[i++] });
    else lines.push({ kind: "b", text: b[j++] });
  }
  return [...lines, ...only("a", a.slice(i)), ...only("b", b.slice(j))];
}
