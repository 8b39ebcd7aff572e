//! What a function returns: how it is written inside a body, and whether the span goes along with it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_type_impl_trait_mut, visit_type_mut};
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, Signature, Token, Type, TypeImplTrait,
    TypeParamBound, parse_quote_spanned,
};

/// What a function returns.
pub(crate) struct Output {
    /// The type, written so that it can stand inside a body.
    pub(crate) written: TokenStream,
    /// Where mismatches point: the type, or the function's name where none is written.
    pub(crate) span: Span,
    /// Whether the function never returns.
    pub(crate) is_never: bool,
    pub(crate) shape: Shape,
    /// Whether an `impl Trait` is in the type: what is handed out may be of another type than what
    /// the body gave, also inside a box.
    pub(crate) is_opaque: bool,
    /// Whether the type calls itself a `Result`, so far as its name tells.
    pub(crate) is_result: bool,
    /// Whether it is a function that the body leaves to be typed from here: `impl Fn(&str) -> usize`.
    pub(crate) types_a_closure: bool,
}

/// What becomes of the span when the function returns.
pub(crate) enum Shape {
    /// It ends.
    Value,
    /// It ends; or goes along, where the compiler finds a boxed future or stream behind the name.
    Named,
    /// It goes along with a future, and then with what that gives.
    Future(Packing, Said, Box<Shape>),
    /// It goes along with a stream.
    Stream(Packing, Said, Items),
    /// A `Result`, of which `Ok` takes it along.
    Fallible(Box<Shape>),
}

/// How a future or stream is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// `impl Future`
    Bare,
    /// `impl IntoFuture`
    Convertible,
    /// `Pin<Box<..>>`
    Pinned,
    /// The same of `dyn Future` or `dyn Stream` with no bound but `Send`, as nearly everybody has it:
    /// the runtime knows these types, also behind other names.
    Usual,
    /// `Box<..>`
    Boxed,
}

/// The type that a future or a stream says it gives. A body may leave it to be found from here, as
/// one that only panics does.
pub(crate) struct Said {
    ty: Option<Type>,
    /// It says all, and what is returned need not outlive what it gives.
    is_whole: bool,
}

impl Said {
    /// What `bound` says, unless it hides a type, which only the body knows.
    fn by(bound: Option<&Type>, bounds: &Punctuated<TypeParamBound, Token![+]>) -> Self {
        let is_lifetime = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Lifetime(_));
        let mut ty = bound.cloned();
        let is_opaque = ty.as_mut().is_some_and(written_inside);
        Said {
            ty,
            is_whole: !is_opaque && !bounds.iter().any(is_lifetime),
        }
    }

    const NOTHING: Said = Said {
        ty: None,
        is_whole: false,
    };

    /// Whether nothing of it has to be found from what the body gives.
    pub(crate) fn is_known(&self) -> bool {
        self.ty.is_some() && self.is_whole
    }

    /// `: type`, for a variable that holds it.
    pub(crate) fn annotation(&self) -> Option<TokenStream> {
        let said = self.ty.as_ref()?;
        let span = Span::mixed_site().located_at(said.span());
        Some(quote_spanned!(span=> : #said))
    }

    /// `: &type`, for a variable that refers to it.
    pub(crate) fn reference(&self) -> Option<TokenStream> {
        let said = self.ty.as_ref()?;
        let span = Span::mixed_site().located_at(said.span());
        Some(quote_spanned!(span=> : &#said))
    }
}

/// What a stream gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    Values,
    /// They call themselves a `Result`.
    Results,
}

impl Shape {
    /// Whether the function hands out the very type that its body gave.
    pub(crate) fn keeps_type(&self) -> bool {
        match self {
            Shape::Value | Shape::Named => true,
            Shape::Future(packing, ..) | Shape::Stream(packing, ..) => {
                !matches!(packing, Packing::Bare | Packing::Convertible)
            }
            Shape::Fallible(inner) => inner.keeps_type(),
        }
    }

    /// Whether it is a future; a name may stand for one.
    pub(crate) fn may_be_future(&self) -> bool {
        matches!(self, Shape::Named | Shape::Future(..))
    }

    /// Whether the runtime makes of it what it is, value, future or stream.
    pub(crate) fn is_known_to_the_runtime(&self) -> bool {
        match self {
            Shape::Value | Shape::Named => true,
            Shape::Future(packing, _, output) => {
                *packing == Packing::Usual && matches!(**output, Shape::Value | Shape::Named)
            }
            Shape::Stream(packing, ..) => *packing == Packing::Usual,
            Shape::Fallible(inner) => inner.is_known_to_the_runtime(),
        }
    }

    /// Whether a stream is among what it gives; a name may stand for one.
    pub(crate) fn may_stream(&self) -> bool {
        match self {
            Shape::Value => false,
            Shape::Named | Shape::Stream(..) => true,
            Shape::Future(_, _, inner) | Shape::Fallible(inner) => inner.may_stream(),
        }
    }

    /// Whether its work is certainly not over when the function returns.
    pub(crate) fn goes_on(&self) -> bool {
        match self {
            Shape::Value | Shape::Named => false,
            Shape::Future(..) | Shape::Stream(..) => true,
            Shape::Fallible(inner) => inner.goes_on(),
        }
    }

    /// Whether a stream is certainly among what it gives.
    pub(crate) fn streams(&self) -> bool {
        match self {
            Shape::Value | Shape::Named => false,
            Shape::Stream(..) => true,
            Shape::Future(_, _, inner) | Shape::Fallible(inner) => inner.streams(),
        }
    }

    /// Whether an error may come instead of a future or a stream.
    pub(crate) fn is_fallible(&self) -> bool {
        match self {
            Shape::Value | Shape::Named | Shape::Stream(..) => false,
            Shape::Fallible(_) => true,
            Shape::Future(_, _, inner) => inner.is_fallible(),
        }
    }

    /// What `ty` is. A `Result` of a name is taken for one of a stream only where a stream is
    /// expected: otherwise the span reads the `Result`.
    fn of(ty: &Type, expected: Expected) -> Shape {
        match ty {
            Type::Paren(paren) => Shape::of(&paren.elem, expected),
            Type::Group(group) => Shape::of(&group.elem, expected),
            Type::ImplTrait(hidden) => Shape::packed(Packing::Bare, &hidden.bounds, expected),
            Type::Macro(_) => Shape::Named,
            Type::Path(path) => match path.path.segments.last() {
                Some(last) => Shape::of_segment(last, expected),
                None => Shape::Value,
            },
            _ => Shape::Value,
        }
    }

    fn of_segment(segment: &PathSegment, expected: Expected) -> Shape {
        let name = segment.ident.unraw().to_string();
        let inner = types(segment).next();
        match (name.as_str(), inner) {
            ("Pin", Some(Type::Path(path))) => match path.path.segments.last() {
                Some(last) if last.ident == "Box" => Shape::of_box(Packing::Pinned, last, expected),
                _ => Shape::Value,
            },
            ("Box", _) => Shape::of_box(Packing::Boxed, segment, expected),
            ("BoxFuture" | "LocalBoxFuture", Some(inner)) => Shape::Future(
                Packing::Usual,
                Said::NOTHING,
                Box::new(Shape::of(inner, expected)),
            ),
            ("BoxStream" | "LocalBoxStream", Some(inner)) => {
                Shape::Stream(Packing::Usual, Said::NOTHING, Items::of(inner))
            }
            // `fmt::Result` is what it says; `HandlerResult` may stand for anything.
            (name, None) if name.ends_with("Result") && name != "Result" => Shape::Named,
            (name, inner) if name.ends_with("Result") => {
                let inner = inner.map_or(Shape::Named, |inner| Shape::of(inner, expected));
                match inner {
                    Shape::Value => Shape::Value,
                    Shape::Named if expected == Expected::Anything => Shape::Value,
                    inner => Shape::Fallible(Box::new(inner)),
                }
            }
            (name, _) if KNOWN_VALUES.contains(&name) => Shape::Value,
            _ => Shape::Named,
        }
    }

    fn of_box(packing: Packing, segment: &PathSegment, expected: Expected) -> Shape {
        match types(segment).next() {
            Some(Type::TraitObject(object)) => {
                let packing = match packing == Packing::Pinned && is_usual(&object.bounds) {
                    true => Packing::Usual,
                    false => packing,
                };
                Shape::packed(packing, &object.bounds, expected)
            }
            Some(Type::ImplTrait(hidden)) => Shape::packed(packing, &hidden.bounds, expected),
            _ => Shape::Value,
        }
    }

    /// What `impl bounds` and `dyn bounds` are.
    fn packed(
        packing: Packing,
        bounds: &Punctuated<TypeParamBound, Token![+]>,
        expected: Expected,
    ) -> Shape {
        let traits = bounds.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => bound.path.segments.last(),
            _ => None,
        });
        for last in traits {
            match last.ident.to_string().as_str() {
                name @ ("Future" | "IntoFuture") => {
                    let packing = match name {
                        "IntoFuture" => Packing::Convertible,
                        _ => packing,
                    };
                    let output = bound_type(last, "Output");
                    let shape = output.map_or(Shape::Value, |output| Shape::of(output, expected));
                    return Shape::Future(packing, Said::by(output, bounds), Box::new(shape));
                }
                // Without its items it is of no use to a caller, and a trait of the user's own.
                "Stream" => {
                    if let Some(item) = bound_type(last, "Item") {
                        return Shape::Stream(
                            packing,
                            Said::by(Some(item), bounds),
                            Items::of(item),
                        );
                    }
                }
                "TryStream" => return Shape::Stream(packing, Said::NOTHING, Items::Results),
                _ => {}
            }
        }
        Shape::Value
    }
}

/// Whether `dyn bounds` is a future or a stream that the runtime knows.
fn is_usual(bounds: &Punctuated<TypeParamBound, Token![+]>) -> bool {
    bounds.iter().all(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| {
            ["Future", "Stream", "Send"]
                .iter()
                .any(|usual| last.ident == usual)
        }),
        _ => true,
    })
}

impl Items {
    fn of(item: &Type) -> Items {
        match calls_itself_a_result(item) {
            true => Items::Results,
            false => Items::Values,
        }
    }
}

/// Whether an opaque function is in the type.
fn types_a_closure(ty: &Type) -> bool {
    struct Functions(bool);
    impl VisitMut for Functions {
        fn visit_type_impl_trait_mut(&mut self, hidden: &mut TypeImplTrait) {
            let traits = hidden.bounds.iter().filter_map(|bound| match bound {
                TypeParamBound::Trait(bound) => bound.path.segments.last(),
                _ => None,
            });
            let is_function = |last: &PathSegment| {
                let name = last.ident.to_string();
                name.trim_start_matches("Async").starts_with("Fn")
                    && matches!(last.arguments, PathArguments::Parenthesized(_))
            };
            self.0 |= traits.into_iter().any(is_function);
            visit_type_impl_trait_mut(self, hidden);
        }
    }
    let mut functions = Functions(false);
    functions.visit_type_mut(&mut ty.clone());
    functions.0
}

/// The types among a segment's generic arguments.
fn types(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// The type that `Trait<name = type>` says.
fn bound_type<'a>(segment: &'a PathSegment, name: &str) -> Option<&'a Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == name => Some(&assoc.ty),
        _ => None,
    })
}

fn calls_itself_a_result(ty: &Type) -> bool {
    match ty {
        Type::Paren(paren) => calls_itself_a_result(&paren.elem),
        Type::Group(group) => calls_itself_a_result(&group.elem),
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident.to_string().ends_with("Result")),
        _ => false,
    }
}

/// Types that everybody knows, and behind which no future or stream stands. What is not among them
/// costs the compiler a look.
const KNOWN_VALUES: [&str; 27] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64", "String", "Vec", "Option", "Self", "PathBuf", "HashMap",
    "BTreeMap", "Arc", "Rc", "Duration",
];

/// What a function is expected to return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Anything,
    /// It says `stream`.
    Stream,
}

impl Output {
    pub(crate) fn of(signature: &Signature, expected: Expected) -> Self {
        let hygiene = Span::mixed_site();
        match &signature.output {
            ReturnType::Default => {
                let span = hygiene.located_at(signature.ident.span());
                Output {
                    written: quote_spanned!(span=> ()),
                    span,
                    is_never: false,
                    shape: Shape::Value,
                    is_opaque: false,
                    is_result: false,
                    types_a_closure: false,
                }
            }
            ReturnType::Type(_, returned) => {
                let span = hygiene.located_at(returned.span());
                let is_never = matches!(**returned, Type::Never(_));
                let mut written = returned.clone();
                let is_opaque = written_inside(&mut written);
                Output {
                    written: match is_never {
                        // `!` may not be written as a type of a value; nothing is of this one either.
                        true => quote_spanned!(span=> ::core::convert::Infallible),
                        false => written.into_token_stream(),
                    },
                    span,
                    is_never,
                    shape: Shape::of(returned, expected),
                    is_opaque,
                    is_result: calls_itself_a_result(returned),
                    types_a_closure: types_a_closure(returned),
                }
            }
        }
    }
}

/// Writes `ty` so that it can stand inside a body, where `impl Trait` is for the compiler to find.
/// Whether there was any is what comes back.
fn written_inside(ty: &mut Type) -> bool {
    let mut inside = Inside { is_opaque: false };
    inside.visit_type_mut(ty);
    inside.is_opaque
}

struct Inside {
    is_opaque: bool,
}

impl VisitMut for Inside {
    fn visit_type_mut(&mut self, node: &mut Type) {
        match node {
            Type::ImplTrait(hidden) => {
                self.is_opaque = true;
                *node = parse_quote_spanned!(hidden.span()=> _);
            }
            other => visit_type_mut(self, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    /// The shape in words.
    fn in_words(shape: &Shape) -> String {
        match shape {
            Shape::Value => "value".to_owned(),
            Shape::Named => "name".to_owned(),
            Shape::Future(packing, _, output) => {
                format!("{packing:?} future of {}", in_words(output))
            }
            Shape::Stream(packing, _, items) => format!("{packing:?} stream of {items:?}"),
            Shape::Fallible(inner) => format!("error or {}", in_words(inner)),
        }
    }

    fn shape(ty: &Type) -> String {
        in_words(&Shape::of(ty, Expected::Anything))
    }

    #[test]
    fn futures_are_known_by_their_type() {
        let types: [(Type, &str); 8] = [
            (parse_quote!(impl Future<Output = u8>), "Bare"),
            (
                parse_quote!(impl Send + ::core::future::Future<Output = u8> + 'a),
                "Bare",
            ),
            (parse_quote!((impl IntoFuture<Output = u8>)), "Convertible"),
            (
                parse_quote!(Pin<Box<dyn Future<Output = u8> + Send + '_>>),
                "Usual",
            ),
            (
                parse_quote!(
                    ::core::pin::Pin<Box<dyn ::core::future::Future<Output = u8> + 'async_trait>>
                ),
                "Usual",
            ),
            (parse_quote!(Pin<Box<impl Future<Output = u8>>>), "Pinned"),
            (
                parse_quote!(futures::future::BoxFuture<'static, u8>),
                "Usual",
            ),
            (parse_quote!(Box<dyn Future<Output = u8> + Unpin>), "Boxed"),
        ];
        for (ty, packing) in types {
            assert_eq!(
                shape(&ty),
                format!("{packing} future of value"),
                "{}",
                ty.to_token_stream()
            );
        }
    }

    #[test]
    fn streams_are_known_wherever_they_are_handed_over() {
        let types: [(Type, &str); 4] = [
            (
                parse_quote!(impl Stream<Item = u8> + 'a),
                "Bare stream of Values",
            ),
            (
                parse_quote!(BoxStream<'static, io::Result<u8>>),
                "Usual stream of Results",
            ),
            (
                parse_quote!(anyhow::Result<Pin<Box<dyn Stream<Item = Result<u8, E>> + Send>>>),
                "error or Usual stream of Results",
            ),
            (
                parse_quote!(impl Future<Output = Result<impl TryStream<Ok = u8>, E>>),
                "Bare future of error or Bare stream of Results",
            ),
        ];
        for (ty, words) in types {
            assert_eq!(shape(&ty), words);
        }
    }

    #[test]
    fn a_name_that_only_sounds_like_a_stream_is_a_value() {
        let types: [Type; 5] = [
            parse_quote!(Result<FutureResult, StreamError>),
            parse_quote!(Option<Box<dyn Error>>),
            parse_quote!(Box<dyn Error + Send>),
            parse_quote!(impl Iterator<Item = u8>),
            parse_quote!((impl Fn() -> u8, u8)),
        ];
        for ty in types {
            assert_eq!(shape(&ty), "value", "{}", ty.to_token_stream());
        }
        assert_eq!(shape(&parse_quote!(TcpStream)), "name");
        assert_eq!(shape(&parse_quote!(HandlerResult)), "name");
        // Traits of the user's own.
        assert_eq!(shape(&parse_quote!(Result<Box<dyn Stream>, E>)), "value");
        assert_eq!(shape(&parse_quote!(impl net::Stream)), "value");
    }

    #[test]
    fn a_result_of_a_name_is_one_of_a_stream_where_a_stream_is_expected() {
        let ty = parse_quote!(Result<Chunks, Error>);
        assert_eq!(shape(&ty), "value");
        assert_eq!(in_words(&Shape::of(&ty, Expected::Stream)), "error or name");
    }
}
