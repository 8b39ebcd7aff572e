//! The viewer: an index over files as they grow, and the pages and answers that show it.

mod answer;
mod compare;
mod conversation;
mod detail;
mod filter;
mod guard;
mod ids;
mod in_flight;
mod index;
mod listen;
mod live;
mod names;
mod otlp;
mod page;
mod parts;
mod patient;
mod report;
mod routes;
mod run;
mod scores;
mod search;
mod short;
mod store;
mod summary;
mod trace;
mod watch;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use tokio::runtime::Builder;
use tokio::sync::broadcast;

use self::guard::Guard;
use self::otlp::{Inbox, Receiver};
pub(crate) use self::report::{Report, report};
use self::routes::{Viewer, router};
use self::store::Store;
use crate::interrupt::Interrupt;

/// Who reads so many times slower than there is news is told that there was.
const KEPT_NEWS: usize = 16;

/// What is served, and where.
#[derive(Debug)]
pub(crate) struct Serve {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The port that receives spans.
    pub(crate) otlp: Option<u16>,
    /// The file that these are appended to.
    pub(crate) keep: Option<PathBuf>,
}

/// Serves until it is interrupted.
pub(crate) fn run(what: &Serve) -> Result<(), String> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    let served = runtime.block_on(serve(what));
    // Those who still listen for news would keep it alive.
    runtime.shutdown_background();
    served
}

async fn serve(what: &Serve) -> Result<(), String> {
    let interrupt = Interrupt::new()?;
    let (listener, address) = listen::open(&what.host, what.port).await?;
    let guard = Arc::new(Guard::of(address)?);
    let (poke, poked) = mpsc::channel();
    let mut files = what.files.clone();
    let kept = what.keep.iter().filter(|keep| !what.files.contains(keep));
    files.extend(kept.cloned());
    let store = Arc::new(Store::new(files.clone()));
    let (mut inbox, mut receiver) = (None, None);
    if let Some(port) = what.otlp {
        let (listener, address) = listen::open(&what.host, port).await?;
        let new = Arc::new(Inbox::new(what.keep.as_deref(), poke.clone())?);
        if let Some(nameless) = new.nameless() {
            let events = "events received over OTLP".into();
            store.content.events.follow_file(nameless.events, events);
            inbox = Some(nameless.spans);
        }
        let routes = otlp::router(Receiver::new(new), Arc::new(guard.at(address)));
        receiver = Some((listener, address, routes));
    }
    watch::start(&store, &files, inbox, poked)?;
    let (news, _) = broadcast::channel(KEPT_NEWS);
    live::watch(&store, news.clone())?;
    let viewer = Viewer {
        store,
        news,
        listeners: Arc::default(),
    };
    say(&match guard.token() {
        Some(token) => format!("http://{address}/?token={token}"),
        None => format!("http://{address}/"),
    });
    if let Some((listener, address, routes)) = receiver {
        say(&format!("OTLP over HTTP: http://{address}"));
        if let Some(token) = guard.token() {
            say(&format!(
                "with OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20{token}"
            ));
        }
        tokio::spawn(listen::serve(listener, routes));
    }
    // Whoever reads the files is woken by nobody else.
    let _poke = poke;
    tokio::select! {
        () = listen::serve(listener, router(viewer, guard)) => {}
        () = interrupt.wait() => {}
    }
    Ok(())
}

fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Where that is closed nobody wants to know.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
