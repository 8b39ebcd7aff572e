//! The environment of a process: how a span goes to a child, and where it came from.

use std::ffi::OsString;
use std::process::Command;

use super::carrier::{BAGGAGE, Carrier, Gathered, TRACEPARENT, TRACESTATE};

/// The headers and the variables that stand for them.
const VARIABLES: [(&str, &str); 3] = [
    (TRACEPARENT, "TRACEPARENT"),
    (TRACESTATE, "TRACESTATE"),
    (BAGGAGE, "BAGGAGE"),
];

impl Carrier {
    /// Names the span that this process was started from, as the variables `TRACEPARENT`, `TRACESTATE` and
    /// `BAGGAGE` say. Install the telemetry first: it says what is taken of the baggage.
    ///
    /// ```no_run
    /// use genai_trace::{Carrier, genai_agent};
    ///
    /// #[genai_agent("coder")]
    /// fn work() { /* .. */ }
    ///
    /// let telemetry = genai_trace::init()?;
    /// // a child of whatever span has started this process, a root where none has
    /// Carrier::from_env().run(work);
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn from_env() -> Self {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut gathered = Gathered::default();
        for (header, variable) in VARIABLES {
            // An empty one counts as unset.
            if let Some(value) = lookup(variable).filter(|value| !value.is_empty()) {
                gathered.take(header, value.to_str());
            }
        }
        gathered.carrier()
    }

    /// Tells a child process which span it is started from, by its environment. Where none is named, the
    /// child is told what this process was told; where one is, of the `BAGGAGE` of this process no more than is
    /// [allowed](crate::Builder::baggage).
    ///
    /// ```no_run
    /// use std::process::Command;
    /// use genai_trace::{Carrier, span};
    ///
    /// span("run_tests").run(|| {
    ///     let mut cargo = Command::new("cargo");
    ///     Carrier::current().inject_env(&mut cargo);
    ///     cargo.arg("test").status()
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn inject_env(&self, command: &mut Command) {
        if self.context().is_none() {
            return;
        }
        // What was said by another carrier is of another trace.
        let is_told_again = says(command, "TRACEPARENT");
        let mut pairs = self.pairs();
        for (header, variable) in VARIABLES {
            match pairs.next_if(|(name, _)| *name == header) {
                Some((_, value)) => command.env(variable, value),
                // One of another trace.
                None if header == TRACESTATE => command.env_remove(variable),
                // What this process was told goes on only where that is allowed; what is said for the child does.
                None if is_told_again || !says(command, variable) => command.env_remove(variable),
                None => command,
            };
        }
    }
}

/// Whether `variable` is said for the child, and not only for this process.
fn says(command: &Command, variable: &str) -> bool {
    command.get_envs().any(|(name, _)| name == variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-12345678901234567890123456789012-1234567890123456-01";

    fn read(variables: &[(&str, &str)]) -> Carrier {
        Carrier::from_variables(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    fn told(command: &Command, variable: &str) -> Option<Option<String>> {
        let mut said = command.get_envs();
        let (_, value) = said.find(|(name, _)| *name == variable)?;
        Some(value.map(|value| value.to_string_lossy().into_owned()))
    }

    #[test]
    fn a_process_learns_from_its_environment_where_it_was_started() {
        let carrier = read(&[("TRACEPARENT", VALID), ("TRACESTATE", "a=1")]);
        let context = carrier.context().unwrap();
        assert_eq!(context.to_traceparent(), VALID);
        assert_eq!(context.trace_state(), Some("a=1"));
        assert!(read(&[]).is_empty() && read(&[("TRACEPARENT", "")]).is_empty());
        assert!(read(&[("TRACEPARENT", "00-1")]).error().is_some());
        assert!(read(&[("TRACESTATE", "a=1")]).is_empty());
    }

    #[test]
    fn a_child_is_told_the_span_and_nothing_of_another_trace() {
        let mut command = Command::new("true");
        command.env("TRACEPARENT", "old").env("TRACESTATE", "old=1");
        read(&[]).inject_env(&mut command);
        assert_eq!(told(&command, "TRACESTATE"), Some(Some("old=1".to_owned())));
        read(&[("TRACEPARENT", VALID)]).inject_env(&mut command);
        assert_eq!(told(&command, "TRACEPARENT"), Some(Some(VALID.to_owned())));
        assert_eq!(told(&command, "TRACESTATE"), Some(None));
        // What this process was told of another trace is nothing to the child, what is said for it is.
        assert_eq!(told(&command, "BAGGAGE"), Some(None));
        read(&[("TRACEPARENT", VALID), ("TRACESTATE", "a=1")]).inject_env(&mut command);
        assert_eq!(told(&command, "TRACESTATE"), Some(Some("a=1".to_owned())));
        let mut command = Command::new("true");
        command.env("BAGGAGE", "own=1");
        read(&[("TRACEPARENT", VALID)]).inject_env(&mut command);
        assert_eq!(told(&command, "BAGGAGE"), Some(Some("own=1".to_owned())));
        // A command that is used again may have it of the trace before.
        read(&[("TRACEPARENT", VALID)]).inject_env(&mut command);
        assert_eq!(told(&command, "BAGGAGE"), Some(None));
    }
}
