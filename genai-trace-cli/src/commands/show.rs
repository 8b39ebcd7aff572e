//! `genai-trace show`

mod draw;

use clap::Args;
use serde_json::{Value as Json, json};

use self::draw::Drawing;
use crate::content::InPlaceOfGaps;
use crate::one_trace::OneTrace;
use crate::out;
use crate::pricing::{Spent, spent};
use crate::scores::{Kept, Scores};
use crate::span::Brief;
use crate::tree::{Tree, critical_path};

/// Shows a trace as a tree: what it did, how long it took, what it used and cost, what went wrong.
///
/// Spans with a * made the run as long as it was: at each moment the call that ended last.
///
/// Exits with 0, and with 2 where there is no such trace.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    of: OneTrace,
    /// Every attribute and event of every span
    #[arg(short, long)]
    attributes: bool,
    /// Prints one JSON document instead of a tree
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let (id, spans) = arguments.of.read(InPlaceOfGaps::Words)?;
    let tree = Tree::new(spans);
    let path = critical_path(&tree);
    let scores = Scores::beside(&arguments.of.files())?;
    if arguments.json {
        let spans: Vec<_> = tree
            .nodes()
            .into_iter()
            .filter_map(|node| {
                let span = tree.span(node.place)?;
                let cost = match spent(&Brief::of(span)) {
                    Spent::Nothing => None,
                    spent => Some(spent.dollars()),
                };
                let Ok(Json::Object(mut document)) = serde_json::to_value(span) else {
                    return None;
                };
                let is_critical = path.contains(&node.place);
                document.insert("depth".to_owned(), node.depth.into());
                document.insert("is_critical".to_owned(), is_critical.into());
                let of_span = scores.of_span(id, u64::from_be_bytes(span.span_id.to_bytes()));
                let of_span: Vec<_> = of_span.map(Kept::document).collect();
                if !of_span.is_empty() {
                    document.insert("scores".to_owned(), json!(of_span));
                }
                if let Some(dollars) = cost {
                    document.insert("cost_usd".to_owned(), json!(dollars));
                }
                Some(document)
            })
            .collect();
        let of_trace: Vec<_> = scores.of_trace(id).map(Kept::document).collect();
        let trace_id = format!("{id:032x}");
        let document = json!({ "trace_id": trace_id, "scores": of_trace, "spans": spans });
        return Ok(format!("{document}\n"));
    }
    let drawing = Drawing {
        tree: &tree,
        path: &path,
        scores: &scores,
        is_coloured: out::is_coloured(),
        has_attributes: arguments.attributes,
    };
    Ok(drawing.text(id))
}
