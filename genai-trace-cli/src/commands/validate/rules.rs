//! The rules of `validate`.

use crate::findings::{Level, Rule};

const fn rule(id: &'static str, level: Level, summary: &'static str, help: &'static str) -> Rule {
    Rule {
        id,
        level,
        summary,
        help,
    }
}

pub(super) static NAME_UNKNOWN: Rule = rule(
    "name-unknown",
    Level::Warning,
    "an attribute of a namespace of the conventions that they do not know",
    "Names of your own go under a namespace of your own: `app.x` rather than `gen_ai.x`.",
);
pub(super) static NAME_DEPRECATED: Rule = rule(
    "name-deprecated",
    Level::Warning,
    "an attribute or event that is called otherwise today",
    "Backends read the names of today; a profile of this library spells the old ones where one needs them.",
);
pub(super) static NAME_FOREIGN: Rule = rule(
    "name-foreign",
    Level::Note,
    "what the operation requires is said, under a name of others",
    "A backend that reads the conventions alone does not find it.",
);
pub(super) static ATTRIBUTE_TYPE: Rule = rule(
    "attribute-type",
    Level::Error,
    "an attribute of another type than the conventions say",
    "A number in a text cannot be added up; finish reasons are a list, even of one.",
);
pub(super) static ATTRIBUTE_REQUIRED: Rule = rule(
    "attribute-required",
    Level::Error,
    "an attribute is missing that the operation requires",
    "Without it nobody can tell whose call it is.",
);
pub(super) static VALUE_UNKNOWN: Rule = rule(
    "value-unknown",
    Level::Note,
    "a value that is not among those that the conventions list",
    "Values of your own are allowed where none of the list fits.",
);
pub(super) static VALUE_DEPRECATED: Rule = rule(
    "value-deprecated",
    Level::Warning,
    "a value that the conventions spell otherwise",
    "Prices and dashboards look for the listed one.",
);
pub(super) static VALUE_DEFAULT: Rule = rule(
    "value-default",
    Level::Note,
    "a value is said that goes without saying",
    "`gen_ai.request.stream` and `gen_ai.conversation.compacted` are true or not there, `gen_ai.request.choice.count` is not there where it is 1.",
);
pub(super) static CONVERSATION_ID: Rule = rule(
    "conversation-id",
    Level::Warning,
    "the trace's id stands for the conversation",
    "Of a conversation whose id is not known nothing is said.",
);
pub(super) static SERVER_PORT: Rule = rule(
    "server-port",
    Level::Note,
    "`server.address` without `server.port`",
    "The port is required where the address is said.",
);
pub(super) static SPAN_NAME: Rule = rule(
    "span-name",
    Level::Warning,
    "a span is not called as its operation is",
    "Spans of one operation are found by the beginning of their names. A framework's own conventions may say otherwise.",
);
pub(super) static SPAN_KIND: Rule = rule(
    "span-kind",
    Level::Warning,
    "a span of another kind than its operation",
    "CLIENT leaves the process, INTERNAL does not.",
);
pub(super) static STATUS_OK: Rule = rule(
    "status-ok",
    Level::Warning,
    "the status is OK",
    "Instrumentation leaves it UNSET where nothing failed: OK is for the application to say.",
);
pub(super) static ERROR_TYPE_MISSING: Rule = rule(
    "error-type-missing",
    Level::Error,
    "a span failed and does not say `error.type`",
    "The provider's code, the name of the error's type, or `_OTHER`.",
);
pub(super) static ERROR_TYPE_WITHOUT_ERROR: Rule = rule(
    "error-type-without-error",
    Level::Error,
    "`error.type` on a span that has not failed",
    "Errors that were handled are not recorded; else the status is ERROR.",
);
pub(super) static TOKENS_NEGATIVE: Rule = rule(
    "tokens-negative",
    Level::Error,
    "a negative number of tokens",
    "What the provider did not say stays unset.",
);
pub(super) static NUMBER_EXPECTED: Rule = rule(
    "number-expected",
    Level::Error,
    "tokens or a cost in another form than a number",
    "Sums pass it over. Tokens are whole numbers (12, or 12.0), a cost is a number of dollars.",
);
pub(super) static COST_IMPOSSIBLE: Rule = rule(
    "cost-impossible",
    Level::Error,
    "a cost that no call can have",
    "Less than nothing, or more than 10^12 dollars. Sums pass it over and take the price of the model.",
);
pub(super) static TOKENS_OF_PART: Rule = rule(
    "tokens-of-part",
    Level::Warning,
    "a part of the tokens is more than all of them",
    "`gen_ai.usage.input_tokens` has cached tokens in it, `gen_ai.usage.output_tokens` those of reasoning. Some providers bill fewer than they report as cached.",
);
pub(super) static JSON_BROKEN: Rule = rule(
    "json-broken",
    Level::Error,
    "a text that should be JSON is none",
    "Content that is cut short has to stay JSON.",
);
pub(super) static JSON_SHAPE: Rule = rule(
    "json-shape",
    Level::Error,
    "messages, tools or documents in another shape than their schema",
    "A message has a `role` and `parts`, a part has a `type` and what belongs to it.",
);
pub(super) static CONTENT_NO_OBJECT: Rule = rule(
    "content-no-object",
    Level::Note,
    "arguments or a result of a tool that are no JSON object",
    "The schema wants an object; a text is what many tools return.",
);
pub(super) static FINISH_REASONS: Rule = rule(
    "finish-reasons",
    Level::Note,
    "there are more or fewer finish reasons than answers",
    "One for each choice, in their order. An answer of several items, some of them calls of tools, may have several.",
);
pub(super) static UNREADABLE: Rule = rule(
    "unreadable",
    Level::Error,
    "a line is no span that can be read, or a span in it cannot",
    "Lines are named with what is wrong with them where that is known, of each file the first 100; all are counted. A file that is being written may end in the middle of one. Spans in lines of OTLP are named as well.",
);
pub(super) static RESULT_BEFORE_CALL: Rule = rule(
    "result-before-call",
    Level::Error,
    "a result stands in front of the call in the messages",
    "The order of messages is that in which they were sent.",
);
pub(super) static SPAN_ID_TWICE: Rule = rule(
    "span-id-twice",
    Level::Error,
    "two spans of a trace have the same id, or one is told in two ways",
    "Ids are made once for each span, and a span is written once, when it has ended. A copy that says the same is no fault.",
);
pub(super) static PARENT_MISSING: Rule = rule(
    "parent-missing",
    Level::Warning,
    "the parent of a span is not there",
    "It may be in another process's file, or was lost. Spans of servers and consumers, whose parents are elsewhere, are left out.",
);
pub(super) static PARENT_CIRCLE: Rule = rule(
    "parent-circle",
    Level::Error,
    "a span is, over its parents, above itself",
    "Ids are made once for each span.",
);
pub(super) static TIME_ORDER: Rule = rule(
    "time-order",
    Level::Error,
    "a span ends before it begins, or never",
    "Its clock was set back between, or it has only begun: a record with the end is to come.",
);
pub(super) static STARTS_BEFORE_PARENT: Rule = rule(
    "starts-before-parent",
    Level::Warning,
    "a span begins before its parent",
    "Clocks of several machines differ; on one machine it cannot be.",
);
pub(super) static OUTLIVES_PARENT: Rule = rule(
    "outlives-parent",
    Level::Note,
    "a span ends after its parent",
    "Work that goes on in the background does; a call that was awaited cannot.",
);
pub(super) static USAGE_TWICE: Rule = rule(
    "usage-twice",
    Level::Warning,
    "tokens are said by a call and by a span above it",
    "Whoever adds them up counts them twice: usage stands on the call, sums up the tree under another name.",
);
pub(super) static TOOL_BEFORE_CALL: Rule = rule(
    "tool-before-call",
    Level::Error,
    "a tool ran before the model was called that asked for it",
    "The id of the call belongs to another call, or to another clock.",
);

/// All of them, in the order in which they are explained.
pub(super) static ALL: [&Rule; 33] = [
    &UNREADABLE,
    &NAME_UNKNOWN,
    &NAME_DEPRECATED,
    &NAME_FOREIGN,
    &ATTRIBUTE_TYPE,
    &ATTRIBUTE_REQUIRED,
    &VALUE_UNKNOWN,
    &VALUE_DEPRECATED,
    &VALUE_DEFAULT,
    &CONVERSATION_ID,
    &SERVER_PORT,
    &SPAN_NAME,
    &SPAN_KIND,
    &STATUS_OK,
    &ERROR_TYPE_MISSING,
    &ERROR_TYPE_WITHOUT_ERROR,
    &TOKENS_NEGATIVE,
    &NUMBER_EXPECTED,
    &COST_IMPOSSIBLE,
    &TOKENS_OF_PART,
    &JSON_BROKEN,
    &JSON_SHAPE,
    &CONTENT_NO_OBJECT,
    &FINISH_REASONS,
    &RESULT_BEFORE_CALL,
    &SPAN_ID_TWICE,
    &PARENT_MISSING,
    &PARENT_CIRCLE,
    &TIME_ORDER,
    &STARTS_BEFORE_PARENT,
    &OUTLIVES_PARENT,
    &USAGE_TWICE,
    &TOOL_BEFORE_CALL,
];
