//! The command line.

/// What is allowed.
pub const USAGE: &str =
    "usage: otlp [--seconds N] [--rate SPANS] [--laps N] [--rounds N] [--to URL --listen ADDRESS]";

/// What was asked for.
pub struct Options {
    pub seconds: u64,
    /// Spans a millisecond.
    pub rate: usize,
    pub laps: usize,
    pub rounds: usize,
    /// The base url of a collector.
    pub to: Option<String>,
    /// Where the collector forwards to.
    pub listen: String,
    /// The one to measure, in the child.
    pub subject: Option<String>,
}

pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        seconds: 60,
        rate: 16,
        laps: 200,
        rounds: 1,
        to: None,
        listen: "127.0.0.1:0".to_owned(),
        subject: None,
    };
    let mut arguments = arguments;
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{name} wants a value"))?;
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| format!("{name}: {value:?} is no number"))
        };
        match name.as_str() {
            "--seconds" => options.seconds = number()?,
            "--rate" => options.rate = number()?.max(1) as usize,
            "--laps" => options.laps = number()?.max(1) as usize,
            "--rounds" => options.rounds = number()?.max(1) as usize,
            "--to" => options.to = Some(value),
            "--listen" => options.listen = value,
            "--subject" => options.subject = Some(value),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(options)
}
