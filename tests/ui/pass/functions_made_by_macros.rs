#![deny(warnings)]
use genai_trace::{genai_chat, genai_tool};

macro_rules! tool {
    ($vis:vis $name:ident($arg:ident: $type:ty) -> $result:ty, $title:literal, $value:expr, $body:block) => {
        #[genai_tool($title, description = $title, fields("value" = $value, "argument" = $arg))]
        $vis fn $name($arg: $type) -> $result $body
    };
}

tool!(pub(crate) double(n: u32) -> u32, "double", 1 + 2, { n * 2 });
tool!(parse(text: &str) -> Result<u32, std::num::ParseIntError>, "parse", "a", {
    let number = text.parse()?;
    Ok(number)
});

macro_rules! as_tool {
    ($item:item) => {
        #[genai_tool]
        $item
    };
}

as_tool! {
    /// With a comment.
    async fn later(n: u32) -> u32 { n }
}

macro_rules! method {
    ($self:ident, $body:block) => {
        struct Counter(u32);

        impl Counter {
            #[genai_chat(model = $self.model())]
            fn count(&$self) -> u32 $body

            fn model(&self) -> String {
                self.0.to_string()
            }
        }
    };
}

method!(self, { self.0 });

fn main() {
    assert_eq!(double(2), 4);
    assert!(parse("x").is_err());
    drop(later(1));
    assert_eq!(Counter(3).count(), 3);
}
