//! A place to run other programs: a working folder, a clean environment, a time limit and a cap
//! on what they may print.
//!
//! The child sees a fixed `PATH`, `HOME`, `LANG` and `LC_ALL`, so no key of the agent's own
//! environment leaks. When its time is up the child and everything it started are killed. This
//! holds mistakes, not attackers: the child has the user's rights, which is why the gates decide
//! what may run at all.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How long the output may stay open after its program has ended.
const LAST_OUTPUT: Duration = Duration::from_secs(5);
/// The longest pause between two looks at the child.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// The rules that a program runs under.
pub(crate) struct Sandbox {
    /// Where programs work.
    pub(crate) folder: PathBuf,
    /// After which a program is killed.
    pub(crate) time_limit: Duration,
    /// The bytes of each stream that are kept; a program that prints more is not stopped.
    pub(crate) output_limit: usize,
}

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The exit code; none where a signal ended the program.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Captured,
    pub(crate) stderr: Captured,
}

/// The first bytes of a stream, as text.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    pub(crate) text: String,
    /// Whether there was more than the cap allows.
    pub(crate) cut: bool,
}

/// Why a program did not finish.
#[derive(Debug)]
pub(crate) enum SandboxError {
    /// It could not be started or waited for.
    Io(io::Error),
    /// It was killed at the time limit.
    TimeLimit(Duration),
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::TimeLimit(limit) => write!(f, "killed after {limit:?}"),
        }
    }
}

impl From<io::Error> for SandboxError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Sandbox {
    /// Runs a program to its end, without a shell.
    pub(crate) fn run(&self, program: &str, args: &[String]) -> Result<Finished, SandboxError> {
        let mut child = self.command(program, args).spawn()?;
        let finished = self.finish(&mut child);
        if finished.is_err() {
            kill(&mut child);
        }
        finished
    }

    fn finish(&self, child: &mut Child) -> Result<Finished, SandboxError> {
        let stdout = capture(child.stdout.take(), self.output_limit)?;
        let stderr = capture(child.stderr.take(), self.output_limit)?;
        let status = self.wait(child)?;
        Ok(Finished {
            code: status.code(),
            stdout: last_output(&stdout)?,
            stderr: last_output(&stderr)?,
        })
    }

    fn command(&self, program: &str, args: &[String]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", &self.folder)
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A group of its own, so that its children can be killed with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus, SandboxError> {
        let deadline = Instant::now() + self.time_limit;
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(SandboxError::TimeLimit(self.time_limit));
            }
            thread::sleep(pause.min(left));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Kills the child's whole group, then makes sure of the child and collects it.
fn kill(child: &mut Child) {
    // The standard library kills one process only; the shell's own `kill` reaches the group.
    let group = format!("kill -s KILL -- -{}", child.id());
    let _ = Command::new("/bin/sh")
        .args(["-c", &group])
        .stderr(Stdio::null())
        .status();
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads a pipe to its end on a thread, keeps the first `limit` bytes and hands them over.
fn capture(
    pipe: Option<impl Read + Send + 'static>,
    limit: usize,
) -> io::Result<Receiver<Captured>> {
    let (sender, receiver) = mpsc::channel();
    let mut pipe = pipe.ok_or_else(|| io::Error::other("the output is not piped"))?;
    thread::Builder::new().spawn(move || {
        let mut kept = Vec::new();
        let _ = pipe.by_ref().take(limit as u64).read_to_end(&mut kept);
        // What is beyond the cap is read and thrown away, or the child would block on a full pipe.
        let cut = io::copy(&mut pipe, &mut io::sink()).is_ok_and(|rest| rest > 0);
        let text = String::from_utf8_lossy(&kept).into_owned();
        // Nobody listens any more when the child was killed.
        let _ = sender.send(Captured { text, cut });
    })?;
    Ok(receiver)
}

/// The captured text, once the pipe is closed: by the child or by the last of its own children.
fn last_output(stream: &Receiver<Captured>) -> io::Result<Captured> {
    stream.recv_timeout(LAST_OUTPUT).map_err(|_| {
        io::Error::new(
            io::ErrorKind::TimedOut,
            "the output stayed open after the program ended",
        )
    })
}
