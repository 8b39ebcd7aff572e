//! The command line.

/// How it is called.
pub const USAGE: &str = "usage: light [--rounds N] [--markdown] [SUBJECT..]

  --rounds N    clean builds of each, 1 or more (1); figures are medians
  --markdown    tables for docs/performance.md
  SUBJECT       only these, by their names in the table, beside hello world";

/// What is asked for.
pub struct Options {
    pub rounds: usize,
    pub markdown: bool,
    pub names: Vec<String>,
}

/// Reads the arguments, or says what is wrong with them.
pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        rounds: 1,
        markdown: false,
        names: Vec::new(),
    };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--markdown" => options.markdown = true,
            "--rounds" => {
                let value = args.next().unwrap_or_default();
                options.rounds = match value.parse() {
                    Ok(rounds) if rounds > 0 => rounds,
                    _ => return Err(format!("--rounds `{value}`: a number from 1 on")),
                };
            }
            unknown if unknown.starts_with('-') => return Err(format!("no option `{unknown}`")),
            _ => options.names.push(arg),
        }
    }
    Ok(options)
}
