// JSON whose numbers stay as they are written: beyond 2^53, or as 1.0, a number of JavaScript is another one.

/** A number that JavaScript would write in another way; it reckons as the number that it is nearest to. */
export class Exact {
  constructor(source) {
    this.source = source;
  }

  valueOf() {
    return Number(this.source);
  }

  toString() {
    return this.source;
  }
}

/** Strings, so that nothing inside of them is taken for a number, and numbers. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** What no content can know, and so cannot say. */
function secret() {
  return `exact ${Math.random()} `;
}

/** What a JSON text says, with an `Exact` for each number that would not be written as it is. */
export function parse(text) {
  const plain = JSON.parse(text);
  const sign = secret();
  let isExact = true;
  const marked = text.replace(TOKENS, (token) => {
    if (token[0] === '"' || String(Number(token)) === token) return token;
    isExact = false;
    return `"${sign}${token}"`;
  });
  if (isExact) return plain;
  try {
    return JSON.parse(marked, (_, value) => (typeof value === "string" && value.startsWith(sign) ? new Exact(value.slice(sign.length)) : value));
  } catch {
    // Deeper than can be gone through.
    return plain;
  }
}

/** As JSON, with the numbers as they were read. */
export function stringify(data, indent) {
  const sign = secret();
  const text = JSON.stringify(data, (_, value) => (value instanceof Exact ? sign + value.source : value), indent);
  return text.replaceAll(new RegExp(`"${sign.replaceAll(".", "\\.")}([^"]*)"`, "g"), "$1");
}
