//! The mistakes that an attribute's arguments and its function can have, all of them together.

use genai_trace_semconv::names;
use syn::ext::IdentExt;
use syn::{Expr, LitStr, ReturnType};

use crate::args::literal::{NameFault, bare};
use crate::args::pair::check_keys;
use crate::args::{Args, Given, Literal, NOT_CHECKED, Pair, Value};
use crate::captured;
use crate::conventions::{self, Site};
use crate::kind::{Kind, Naming};
use crate::mistakes::Mistakes;
use crate::options::{Form, MEMORY_OPERATIONS, Role, Type};
use crate::output::Output;
use crate::shape::Function;
use crate::suggest::closest;

/// Adds every mistake in what the attribute is given and what it stands on.
pub(crate) fn check(args: &Args, function: Option<&Function>, mistakes: &mut Mistakes) {
    if let Some(function) = function {
        check_function(args.kind, function, mistakes);
        check_stream(args, function, mistakes);
        check_arguments(args, function, mistakes);
        captured::check(function, args.find(&Role::Contents).is_some(), mistakes);
    }
    check_name(args, mistakes);
    check_company(args, mistakes);
    for given in &args.options {
        check_unchecked(given, mistakes);
        check_value(args.kind, given, mistakes);
    }
    check_attributes(args, mistakes);
}

fn check_function(kind: Kind, function: &Function, mistakes: &mut Mistakes) {
    let signature = &function.signature;
    let attribute = kind.attribute();
    if let Some(constant) = &signature.constness {
        mistakes.at(
            constant,
            format!(
                "`{attribute}` cannot trace a `const fn`: what runs while compiling has no span"
            ),
        );
    }
    for attr in &function.attrs {
        if let Some(other) = Kind::of(attr.path()) {
            let other = other.attribute();
            mistakes.at(
                attr.path(),
                format!("`{attribute}` and `{other}` on one function: keep one of them"),
            );
        }
    }
    let decides = match &signature.output {
        ReturnType::Default => false,
        ReturnType::Type(_, returned) => {
            !matches!(&**returned, syn::Type::Tuple(unit) if unit.elems.is_empty())
        }
    };
    if kind == Kind::Gate && !decides {
        mistakes.at(
            &signature.ident,
            "a gate returns its decision: `GateDecision`, `bool` or a type that implements `GateOutcome`",
        );
    }
}

/// Arguments that are named, and that the function has not.
fn check_arguments(args: &Args, function: &Function, mistakes: &mut Mistakes) {
    let known = function.arguments();
    let named = args.options.iter().filter_map(|given| match &given.value {
        Some(Value::Arguments(named)) => Some(named),
        _ => None,
    });
    for name in named.flatten() {
        let word = name.unraw().to_string();
        if known.contains(&word) {
            continue;
        }
        let meant = match closest(&word, known.iter().map(String::as_str)) {
            Some(meant) => format!("; did you mean `{meant}`?"),
            None if known.is_empty() => String::new(),
            None => format!("; it has `{}`", known.join("`, `")),
        };
        mistakes.at(
            name,
            format!("`{}` has no argument `{word}`{meant}", function.name()),
        );
    }
}

/// Streams: where one is promised, and where there is one.
fn check_stream(args: &Args, function: &Function, mistakes: &mut Mistakes) {
    let shape = Output::of(&function.signature, args.expected()).shape;
    let returned = &function.signature.output;
    match args.flag("stream") {
        Some(key) if !shape.may_stream() => mistakes.at(
            key,
            "`stream` is for a function that returns a stream: `impl Stream<..>`, \
             `Pin<Box<dyn Stream<..> + Send>>`, or a `Result` of one",
        ),
        Some(key) if !cfg!(feature = "stream") => mistakes.at(key, NEEDS_FEATURE),
        None if shape.streams() && !cfg!(feature = "stream") => {
            mistakes.at(returned, NEEDS_FEATURE);
        }
        _ => {}
    }
}

const NEEDS_FEATURE: &str = "spans of streams need the feature `stream`: `genai-trace = { version = \"..\", features = [\"stream\"] }`";

/// What a memory is asked to do.
fn check_memory(args: &Args, mistakes: &mut Mistakes) {
    if args.memory_operation().is_some() {
        return;
    }
    let words = || MEMORY_OPERATIONS.iter().map(|(word, _)| *word);
    let all: Vec<_> = words().map(|word| format!("`\"{word}\"`")).collect();
    let all = all.join(", ");
    let Some(name) = &args.name else {
        let message = format!("`genai_memory` is told in front what the memory does: {all}");
        mistakes.push(syn::Error::new(proc_macro2::Span::call_site(), message));
        return;
    };
    let written = name.value();
    let meant = match closest(&written, words()) {
        Some(meant) => format!("; did you mean `\"{meant}\"`?"),
        None => ";".to_owned(),
    };
    mistakes.at(
        name,
        format!("a memory does no `{written}`{meant} it does {all}"),
    );
}

/// On which side of the Model Context Protocol the function stands, and what it calls.
fn check_mcp(args: &Args, mistakes: &mut Mistakes) {
    let missing = if args.flag("client").is_none() && args.flag("server").is_none() {
        "`genai_mcp` stands on one side: write `client` where the function sends, `server` where it receives"
    } else if args.find(&Role::Subject).is_none() && args.find(&Role::Opening("request")).is_none()
    {
        "`genai_mcp` needs the method: write `method = \"tools/call\"`, or `request = value` with the JSON-RPC request"
    } else {
        return;
    };
    mistakes.push(syn::Error::new(proc_macro2::Span::call_site(), missing));
}

/// The name in front, or the one that an option gives.
fn check_name(args: &Args, mistakes: &mut Mistakes) {
    match args.kind {
        Kind::Memory => return check_memory(args, mistakes),
        Kind::Mcp => check_mcp(args, mistakes),
        _ => {}
    }
    let of_function = args.kind.naming() == Naming::ByFunction;
    if let Some(name) = &args.name {
        check_text(name, "name", of_function, mistakes);
    }
    let Some(given) = args.find(&Role::Subject) else {
        return;
    };
    if args.name.is_some() {
        mistakes.at(
            &given.key,
            "the name is given in front already: keep one of them",
        );
    } else if let Some(Literal::Str(text)) = given.literal() {
        check_text(text, given.row.name, of_function, mistakes);
    }
}

fn check_text(text: &LitStr, what: &str, of_function: bool, mistakes: &mut Mistakes) {
    if let Some(fault) = NameFault::of(&text.value()) {
        let mend = match (fault, what) {
            (NameFault::Control, _) => "",
            (NameFault::Empty, "name") if of_function => {
                ": leave it out to take the function's own"
            }
            (NameFault::Empty, _) => ": leave it out where it is not known",
        };
        mistakes.at(text, format!("the {what} {fault}{mend}"));
    }
}

/// Options that must not, or must, stand beside each other.
fn check_company(args: &Args, mistakes: &mut Mistakes) {
    for (place, given) in args.options.iter().enumerate() {
        let (row, key) = (given.row, &given.key);
        let name = row.name;
        if args
            .options
            .iter()
            .take(place)
            .any(|earlier| earlier.row.name == name)
        {
            mistakes.at(key, format!("`{name}` is given twice: keep one of them"));
        }
        let has = |other: &str| args.options.iter().any(|given| given.row.name == other);
        if let Some(other) = row.excludes.filter(|other| has(other)) {
            mistakes.at(
                key,
                format!("`{name}` and `{other}` exclude each other: keep one of them"),
            );
        }
        if let Some(other) = row.needs.filter(|other| !has(other)) {
            mistakes.at(key, format!("`{name}` needs `{other}` beside it"));
        }
    }
}

/// What an option is set to.
fn check_value(kind: Kind, given: &Given, mistakes: &mut Mistakes) {
    let row = given.row;
    match (&row.form, &given.value) {
        (Form::Value(expected), Some(Value::Expr(value))) => {
            let fits = check_type(row.name, *expected, value, mistakes);
            if let Role::Attribute(name) = row.role
                && let Some(Literal::Str(text)) = given.literal()
                && given.unchecked.is_none()
                && fits
            {
                conventions::check_listed(name, row.name, text, mistakes);
            }
        }
        (Form::Parts(_), Some(Value::Parts(parts))) => {
            for (_, Pair { key, value }) in parts {
                check_type(&key.name(), Type::Text, value, mistakes);
            }
        }
        (Form::Readings, Some(Value::Pairs(pairs))) => {
            for Pair { value, .. } in pairs {
                check_reading(value, mistakes);
            }
            for pair in check_keys(pairs, &[], mistakes) {
                conventions::check(pair, Site::Result(kind), mistakes);
            }
        }
        _ => {}
    }
}

/// `unchecked` in front of what nothing is compared with.
fn check_unchecked(given: &Given, mistakes: &mut Mistakes) {
    let Some(word) = &given.unchecked else {
        return;
    };
    match (&given.row.role, &given.row.form) {
        (Role::Attribute(_), Form::Value(_)) => {}
        (_, Form::Fields | Form::Readings) => mistakes.at(
            word,
            format!(
                "`unchecked` stands in front of a key: write `{}(unchecked key = value)`",
                given.row.name
            ),
        ),
        _ => mistakes.at(word, NOT_CHECKED),
    }
}

/// Whether the value is of the type `expected`, so far as a literal can show.
pub(crate) fn check_type(
    name: &str,
    expected: Type,
    value: &Expr,
    mistakes: &mut Mistakes,
) -> bool {
    let Some(literal) = Literal::of(value).filter(|literal| !literal.fits(expected)) else {
        return true;
    };
    let mend = match literal.as_type(expected) {
        Some(mended) => format!(": write `{mended}`"),
        None => String::new(),
    };
    mistakes.at(
        &literal,
        format!("`{name}` takes {}{mend}", expected.in_words()),
    );
    false
}

fn check_reading(value: &Expr, mistakes: &mut Mistakes) {
    match bare(value) {
        Expr::Path(_) => {}
        Expr::Closure(closure) if closure.inputs.len() == 1 => {}
        Expr::Closure(closure) => mistakes.at(
            closure.inputs_begin,
            "this closure takes one argument, the result: write `|result| ..`",
        ),
        other => mistakes.at(
            other,
            "`ret_fields` reads the result: write `|result| ..` or the path of a function",
        ),
    }
}

/// Attributes of the user's own that are given twice, or that an option sets already.
fn check_attributes(args: &Args, mistakes: &mut Mistakes) {
    let taken: Vec<_> = args
        .options
        .iter()
        .flat_map(|given| match &given.row.role {
            Role::Attribute(name) => vec![(*name, given.row.name)],
            Role::Attributes => given.parts().map(|name| (name, given.row.name)).collect(),
            _ => Vec::new(),
        })
        .collect();
    for given in &args.options {
        if let (Form::Fields, Some(Value::Pairs(pairs))) = (&given.row.form, &given.value) {
            for pair in check_keys(pairs, &taken, mistakes) {
                // Fields are set before the call, and a kind of error stands on failed spans only.
                if pair.key.name() == names::ERROR_TYPE {
                    mistakes.at(
                        &pair.key,
                        "`error.type` is known only when the call has failed: use `err = path`, \
                         or `record!` it where the error is",
                    );
                } else {
                    conventions::check(pair, Site::Fields(args.kind), mistakes);
                }
            }
        }
    }
}
