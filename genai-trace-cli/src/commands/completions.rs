//! `genai-trace completions`

use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// Prints what a shell needs to complete the options of this command.
///
/// For bash, say: genai-trace completions bash > ~/.local/share/bash-completion/completions/genai-trace
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut command: Command) -> Result<String, String> {
    let mut text = Vec::new();
    generate(arguments.shell, &mut command, "genai-trace", &mut text);
    let text = String::from_utf8(text);
    let text = text.map_err(|error| format!("the completions are no text: {error}"))?;
    Ok(match arguments.shell {
        // The script looks for labels that it spells in another way, where the name of the command has a hyphen:
        // https://github.com/clap-rs/clap/issues/6421
        Shell::Bash => text.replace("genai__subcmd__trace", "genai__trace"),
        _ => text,
    })
}
