//! How commands answer: on standard output, or on standard error with the exit code 2.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

/// What a command was misused: exits with this.
const MISUSE: u8 = 2;

/// What a command has to say, and whether it found what it was to look for.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) is_something: bool,
}

/// Prints what a command has to say, or why it has nothing to say.
pub(crate) fn answer(said: Result<String, String>) -> ExitCode {
    found(said.map(|text| Found {
        text,
        is_something: false,
    }))
}

/// The same for a command that exits with 1 where it found something.
pub(crate) fn found(said: Result<Found, String>) -> ExitCode {
    match said {
        Ok(found) => match (print(&found.text), found.is_something) {
            (ExitCode::SUCCESS, true) => ExitCode::FAILURE,
            (code, _) => code,
        },
        Err(error) => {
            // Where that is closed nobody wants to know.
            let _ = writeln!(io::stderr(), "genai-trace: {error}");
            ExitCode::from(MISUSE)
        }
    }
}

/// A reader that has gone away is no fault of ours.
fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(
                io::stderr(),
                "genai-trace: cannot write to standard output: {error}"
            );
            // And not 1, which means that something was found.
            ExitCode::from(MISUSE)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Says on standard error what is not as it should be.
pub(crate) fn complain(complaint: &str) {
    // Where that is closed nobody wants to know.
    let _ = writeln!(io::stderr(), "genai-trace: {complaint}");
}

/// Whether what is printed is coloured: on a terminal, unless `NO_COLOR` says otherwise (<https://no-color.org>), and
/// elsewhere where `CLICOLOR_FORCE` says so (<https://bixense.com/clicolors>).
pub(crate) fn is_coloured() -> bool {
    let says = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if says("NO_COLOR").is_some() {
        return false;
    }
    let is_forced = says("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    is_forced || io::stdout().is_terminal()
}

/// Whether nobody will read what is printed from now on: a pipe whose other end is closed.
#[cfg(unix)]
pub(crate) fn is_unread() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let out = io::stdout();
    // Without asking for anything one is told of errors.
    let mut fds = [PollFd::new(&out, PollFlags::empty())];
    let now = Timespec::default();
    poll(&mut fds, Some(&now)).is_ok_and(|ready| ready > 0)
        && fds.iter().any(|fd| fd.revents().contains(PollFlags::ERR))
}

/// Whether nobody will read what is printed from now on.
#[cfg(not(unix))]
pub(crate) fn is_unread() -> bool {
    false
}
