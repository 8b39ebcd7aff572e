//! Processes that are watched: none outlives its test.

use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// A process that is killed, and fails the test, where it takes longer than it may.
pub struct Watched {
    child: Child,
    may_take: Duration,
}

impl Watched {
    /// Starts `command`, with what it prints kept.
    pub fn start(command: &mut Command, may_take: Duration) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, may_take }
    }

    /// Waits for its end.
    pub fn end(self) -> Output {
        let pid = self.child.id().to_string();
        let (sender, output) = channel();
        let child = self.child;
        thread::spawn(move || sender.send(child.wait_with_output()));
        match output.recv_timeout(self.may_take) {
            Ok(output) => output.unwrap(),
            Err(_) => {
                // The child was not waited for, so that the number is still its own.
                let _ = Command::new("kill").args(["-9", &pid]).status();
                panic!("process {pid} hung for {:?}", self.may_take);
            }
        }
    }
}
