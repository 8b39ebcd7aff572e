//! The rules of `check`: those that are limits are called as their options.

use crate::findings::{Level, Rule};

const fn rule(id: &'static str, level: Level, summary: &'static str, help: &'static str) -> Rule {
    Rule {
        id,
        level,
        summary,
        help,
    }
}

pub(super) static UNREADABLE: Rule = rule(
    "unreadable",
    Level::Error,
    "a line is no span that can be read, or a span in it cannot, so nobody knows what it hides",
    "Lines are named with what is wrong with them where that is known, of each file the first 100; all are counted. A file that is being written may end in the middle of one.",
);
pub(super) static MAX_COST: Rule = rule(
    "max-cost",
    Level::Error,
    "a trace cost more than is allowed",
    "The span is the call with which the limit was passed; `genai-trace cost` says which model costs how much.",
);
pub(super) static UNPRICED: Rule = rule(
    "unpriced",
    Level::Warning,
    "a call has no known price, so the limit of the cost cannot be held",
    "Record the cost (llm.cost.usd), or allow it with --allow unpriced.",
);
pub(super) static MAX_CALLS: Rule = rule(
    "max-calls",
    Level::Error,
    "a trace made more calls of models and tools than are allowed",
    "The span is the first call too many.",
);
pub(super) static MAX_CHAT_CALLS: Rule = rule(
    "max-chat-calls",
    Level::Error,
    "a trace called models more often than is allowed",
    "The span is the first call too many.",
);
pub(super) static MAX_TOOL_CALLS: Rule = rule(
    "max-tool-calls",
    Level::Error,
    "a trace called tools more often than is allowed",
    "The span is the first call too many.",
);
pub(super) static MAX_TOKENS: Rule = rule(
    "max-tokens",
    Level::Error,
    "a trace used more tokens than are allowed",
    "Input and output of all calls of models are counted; the span is the call with which the limit was passed.",
);
pub(super) static MAX_TURNS: Rule = rule(
    "max-turns",
    Level::Error,
    "an agent took more turns than are allowed",
    "Spans `agent.turn` are counted; the span is the first turn too many.",
);
pub(super) static MAX_DURATION: Rule = rule(
    "max-duration",
    Level::Error,
    "a trace took longer than is allowed",
    "From the beginning of its first span to the end of its last; `genai-trace show` marks what it waited for.",
);
pub(super) static FORBID: Rule = rule(
    "forbid",
    Level::Error,
    "a tool was called that is forbidden",
    "A call that a gate has denied is no call. Take the tool from the agent, or put a gate in front of it.",
);
pub(super) static REQUIRE: Rule = rule(
    "require",
    Level::Error,
    "a tool was not called that has to be",
    "Each trace has to call a tool of that name.",
);
pub(super) static NO_ERRORS: Rule = rule(
    "no-errors",
    Level::Error,
    "a span failed",
    "Of spans that failed one below the other the innermost is named.",
);
pub(super) static CRASHED: Rule = rule(
    "crashed",
    Level::Error,
    "the process crashed in a span",
    "The span was open when the process died; `genai-trace recover` has put it into the file.",
);
pub(super) static LOOP: Rule = rule(
    "loop",
    Level::Warning,
    "many tiny spans beside each other: a loop that is traced step by step",
    "A span stands for one call or one operation: put it around the loop, and record how often it ran. 100 or more spans of one name below one parent, of less than a millisecond on average, are such a loop.",
);
pub(super) static MAX_REPEATS: Rule = rule(
    "max-repeats",
    Level::Warning,
    "an agent made the same call again and again",
    "More than 4 calls of one tool with the same arguments without a call of another tool between, or of one model with the same input, each when the one before had ended; --max-repeats says how many are allowed. Only calls whose arguments are recorded can be compared.",
);
pub(super) static INJECTION_INSTRUCTIONS: Rule = rule(
    "injection-instructions",
    Level::Warning,
    "what came from outside asks the model to ignore its instructions",
    "Looked for in results of tools, documents, and messages of users and tools. What a tool returns is data: keep it apart from instructions, and put a gate in front of tools that change something.",
);
pub(super) static INJECTION_SECRECY: Rule = rule(
    "injection-secrecy",
    Level::Warning,
    "what came from outside asks the model to hide something from the user",
    "Looked for in results of tools, documents, and messages of tools.",
);
pub(super) static INJECTION_TEMPLATE: Rule = rule(
    "injection-template",
    Level::Warning,
    "what came from outside has the marks with which models tell who speaks",
    "`<|im_start|>`, `[INST]`, `<<SYS>>` and their like in results of tools, documents, and messages of users and tools.",
);
pub(super) static HIDDEN_TAGS: Rule = rule(
    "hidden-tags",
    Level::Error,
    "text is written in characters that nobody sees and models read",
    "Characters U+E0000 to U+E007F outside flags, and runs of variation selectors. Take them out before a model reads the text.",
);
pub(super) static HIDDEN_BIDI: Rule = rule(
    "hidden-bidi",
    Level::Warning,
    "text shows in another order than it is read",
    "U+202D and U+202E anywhere, other characters that turn the direction in text that has no letter written from right to left.",
);
pub(super) static HIDDEN_ZERO_WIDTH: Rule = rule(
    "hidden-zero-width",
    Level::Warning,
    "characters of no width stand inside words, or in a row",
    "Four in a row, or three between Latin letters: what joins emoji and letters of other scripts is none.",
);
pub(super) static EXFILTRATION_IMAGE: Rule = rule(
    "exfiltration-image",
    Level::Error,
    "an image's URL carries data: whoever shows the text sends it",
    "Looked for in answers of models, results and arguments of tools. Show images of known hosts only.",
);
pub(super) static EXFILTRATION_URL: Rule = rule(
    "exfiltration-url",
    Level::Warning,
    "a URL in the arguments of a tool carries content",
    "A part of the URL is a text of 200 characters or more, or text in base 64. Let tools reach known hosts only.",
);
pub(super) static SECRET_IN_ARGUMENTS: Rule = rule(
    "secret-in-arguments",
    Level::Error,
    "the arguments of a tool have a key or a token in them",
    "Known shapes of keys are looked for, examples in documents left out. Give tools their credentials by other ways than the model.",
);
pub(super) static SECRET_ENCODED: Rule = rule(
    "secret-encoded",
    Level::Error,
    "the arguments of a tool have a key or a token in them, in base 64",
    "As secret-in-arguments, in what base 64 stands for: nobody does that by chance.",
);

/// All of them, in the order in which they are explained.
pub(super) static ALL: [&Rule; 25] = [
    &UNREADABLE,
    &MAX_COST,
    &UNPRICED,
    &MAX_CALLS,
    &MAX_CHAT_CALLS,
    &MAX_TOOL_CALLS,
    &MAX_TOKENS,
    &MAX_TURNS,
    &MAX_DURATION,
    &FORBID,
    &REQUIRE,
    &NO_ERRORS,
    &CRASHED,
    &LOOP,
    &MAX_REPEATS,
    &INJECTION_INSTRUCTIONS,
    &INJECTION_SECRECY,
    &INJECTION_TEMPLATE,
    &HIDDEN_TAGS,
    &HIDDEN_BIDI,
    &HIDDEN_ZERO_WIDTH,
    &EXFILTRATION_IMAGE,
    &EXFILTRATION_URL,
    &SECRET_IN_ARGUMENTS,
    &SECRET_ENCODED,
];
