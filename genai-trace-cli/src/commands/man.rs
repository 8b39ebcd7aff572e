//! `genai-trace man`

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;

/// Writes the manual: a page for this command, and one for each of those that it has.
///
/// Into ~/.local/share/man/man1, say, where `man genai-trace-stats` finds them.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder, which is made where there is none; without one the page of the command is printed
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, command: Command) -> Result<String, String> {
    // `genai-trace help stats` is `genai-trace-stats`, and no page of its own.
    let mut command = command.disable_help_subcommand(true);
    // So that each page is called as one types the command.
    command.build();
    let failed = |error: io::Error| match &arguments.folder {
        Some(folder) => format!("cannot write the manual into {folder:?}: {error}"),
        None => format!("cannot write the manual: {error}"),
    };
    match &arguments.folder {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(command, folder).map_err(failed)?;
            Ok(String::new())
        }
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page).map_err(failed)?;
            Ok(String::from_utf8_lossy(&page).into_owned())
        }
    }
}
