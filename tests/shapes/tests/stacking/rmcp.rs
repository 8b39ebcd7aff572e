//! `#[tool]` of the MCP SDK, which makes a boxed future of every `async fn`.

use ::rmcp::handler::server::router::tool::ToolRouter;
use ::rmcp::handler::server::wrapper::Parameters;
use ::rmcp::{schemars, serde, tool, tool_router};
use genai_trace::{Outcome, genai_tool, genai_tools};
use genai_trace_shapes::{Begins, Exit, ends, every_exit};
use genai_trace_tests::{block_on, yield_once};

type Answer = Result<u8, String>;

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(crate = "serde")]
#[schemars(crate = "schemars")]
struct Target {
    path: String,
}

fn target(path: &str) -> Parameters<Target> {
    Parameters(Target {
        path: path.to_owned(),
    })
}

#[derive(Clone, Copy, Debug)]
struct Server;

async fn walk(exit: Exit) -> Answer {
    let n = exit.step().await?;
    if n == 0 {
        return Ok(0);
    }
    Ok(n)
}

/// Text, as tools answer with it.
fn text(answer: Answer) -> Result<String, String> {
    answer.map(|n| n.to_string())
}

#[tool_router(router = on_methods)]
impl Server {
    /// Reads a file.
    #[genai_tool(fields("path" = path.0.path))]
    #[tool(name = "read_above")]
    async fn above(&self, path: Parameters<Target>) -> Result<String, String> {
        yield_once().await;
        if path.0.path.is_empty() {
            return Err("no path".to_owned());
        }
        Ok(path.0.path)
    }

    // The SDK takes a comment for the description only where it is the last of the attributes.
    #[tool(name = "read_below")]
    #[genai_tool(fields("path" = path))]
    /// Reads a file.
    async fn below(
        &self,
        Parameters(Target { path }): Parameters<Target>,
    ) -> Result<String, String> {
        yield_once().await;
        if path.is_empty() {
            return Err("no path".to_owned());
        }
        Ok(path)
    }

    /// A tool that does not wait.
    #[genai_tool]
    #[tool]
    fn sync_above(&self) -> Result<String, String> {
        Err("failed".to_owned())
    }

    /// A tool that does not wait.
    #[tool]
    #[genai_tool]
    fn sync_below(&self) -> Result<String, String> {
        Err("failed".to_owned())
    }
}

#[test]
fn above_and_below_it_on_a_method() {
    let server = Server;
    for path in ["a.txt", ""] {
        let expected = match path {
            "" => Outcome::Error,
            _ => Outcome::Ok,
        };
        let spans = [
            ends("execute_tool above", expected, || {
                block_on(server.above(target(path)))
            }),
            ends("execute_tool below", expected, || {
                block_on(server.below(target(path)))
            }),
        ];
        for span in spans {
            assert_eq!(span.attributes.str("path"), Some(path));
        }
    }
    ends("execute_tool sync_above", Outcome::Error, || {
        server.sync_above()
    });
    ends("execute_tool sync_below", Outcome::Error, || {
        server.sync_below()
    });
}

#[test]
fn the_tools_are_still_known_to_the_router() {
    let router: ToolRouter<Server> = Server::on_methods();
    let mut names: Vec<_> = router
        .list_all()
        .into_iter()
        .map(|tool| tool.name)
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["read_above", "read_below", "sync_above", "sync_below"]
    );
    let descriptions = [
        Server::above_tool_attr().description,
        Server::below_tool_attr().description,
    ];
    for description in descriptions {
        assert_eq!(description.as_deref(), Some("Reads a file."));
    }
}

/// What `#[tool]` and ours make of one body, with every way out of it.
#[derive(Clone, Copy)]
struct Walks(Exit);

#[tool_router(router = tools)]
impl Walks {
    #[genai_tool]
    #[tool]
    async fn above(&self) -> Result<String, String> {
        text(walk(self.0).await)
    }

    #[tool]
    #[genai_tool]
    async fn below(&self) -> Result<String, String> {
        let n = walk(self.0).await?;
        text(Ok(n))
    }
}

/// One that need not be `Send`; a router takes such only where the SDK is built for it.
impl Walks {
    #[tool(local)]
    #[genai_tool]
    async fn local_below(&self) -> Result<String, String> {
        let counter = std::rc::Rc::new(walk(self.0).await?);
        text(Ok(*counter))
    }
}

/// Back from text to a number, without a span of its own.
async fn number(answer: impl Future<Output = Result<String, String>>) -> Answer {
    answer.await.map(|text| text.parse().unwrap())
}

#[test]
fn every_exit_above_and_below_it() {
    // `#[tool]` boxes a body that is inside its span already: the span begins with the first poll.
    every_exit(
        "execute_tool above",
        Begins::AtTheFirstPoll,
        |exit| async move { number(Walks(exit).above()).await },
    );
    every_exit(
        "execute_tool below",
        Begins::AtTheFirstPoll,
        |exit| async move { number(Walks(exit).below()).await },
    );
    every_exit(
        "execute_tool local_below",
        Begins::AtTheFirstPoll,
        |exit| async move { number(Walks(exit).local_below()).await },
    );
    assert_eq!(Walks::tools().list_all().len(), 2);
    assert_eq!(Walks::local_below_tool_attr().name, "local_below");
}

#[test]
fn when_it_begins() {
    let walks = Walks(Exit::Ok);
    let above = genai_trace_shapes::calls(|| drop(walks.above()));
    assert_eq!(above.outline(), "caller");
    ends("execute_tool below", Outcome::NeverPolled, || {
        drop(walks.below());
    });
}

/// Ours is on the whole block, above the SDK's.
struct Above;

#[genai_tools]
#[tool_router]
impl Above {
    #[tool]
    async fn list(&self) -> Result<String, String> {
        text(walk(Exit::Ok).await)
    }
}

/// Ours is on the whole block, below the SDK's.
struct Below;

#[tool_router]
#[genai_tools]
impl Below {
    #[tool]
    async fn list(&self) -> Result<String, String> {
        text(walk(Exit::Error).await)
    }
}

#[test]
fn above_and_below_it_on_a_block() {
    ends("execute_tool list", Outcome::Ok, || block_on(Above.list()));
    ends("execute_tool list", Outcome::Error, || {
        block_on(Below.list())
    });
    assert_eq!(Above::tool_router().list_all().len(), 1);
    assert_eq!(Below::tool_router().list_all().len(), 1);
}
