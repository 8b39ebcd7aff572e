use futures::stream::{self, Stream};
use genai_trace::{genai_chat, genai_tool};

#[genai_chat(model = "m", stream)]
fn text() -> Result<String, std::io::Error> {
    Ok(String::new())
}

#[genai_chat(model = "m", stream)]
async fn nothing() {}

struct Reply;

#[genai_chat(model = "m", stream)]
fn own_type() -> Reply {
    Reply
}

#[genai_chat(model = "m", stream)]
async fn own_type_in_a_result() -> Result<Reply, std::io::Error> {
    Ok(Reply)
}

type Chunks = stream::Iter<std::vec::IntoIter<u8>>;

#[genai_chat(model = "m", stream)]
fn a_stream_that_cannot_be_wrapped() -> Chunks {
    stream::iter(vec![1])
}

#[genai_tool(stream)]
fn of_a_tool() -> impl Stream<Item = u8> {
    stream::iter([1])
}

fn main() {}
