// What sort of work a span is. Each has one colour, which it keeps in every view.

const OF_OPERATION = {
  chat: "model",
  text_completion: "model",
  generate_content: "model",
  execute_tool: "tool",
  invoke_agent: "agent",
  create_agent: "agent",
  invoke_workflow: "agent",
  plan: "agent",
  embeddings: "data",
  retrieval: "data",
  gate: "gate",
};

export const KINDS = {
  agent: "Agent",
  model: "Model",
  tool: "Tool",
  data: "Retrieval, memory",
  gate: "Gate",
  step: "Other steps",
};

/** The kind of a span of the API. */
export function kindOf(span) {
  const operation = span.operation ?? "";
  if (Object.hasOwn(OF_OPERATION, operation)) return OF_OPERATION[operation];
  if (operation.includes("memory")) return "data";
  if (span.name.startsWith("gate ")) return "gate";
  return "step";
}

const OUTCOMES = {
  ok: "ok",
  error: "error",
  crashed: "crashed",
  cancelled: "cancelled",
  panicked: "panicked",
  abandoned: "abandoned",
  never_polled: "never polled",
  running: "running",
};

/** An outcome in words; one of which nothing is known is its own word. */
export function outcomeWord(outcome) {
  return Object.hasOwn(OUTCOMES, outcome) ? OUTCOMES[outcome] : outcome;
}

/** How bad an outcome is: its colour. */
export function severity(outcome) {
  if (outcome === "error" || outcome === "panicked" || outcome === "crashed") return "bad";
  if (outcome === "cancelled" || outcome === "abandoned" || outcome === "never_polled") return "odd";
  if (outcome === "running") return "running";
  return "ok";
}
