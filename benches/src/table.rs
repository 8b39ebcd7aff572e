//! Tables on standard output, as Markdown or for a terminal.

/// A table in the making; its first row has the titles.
pub struct Table {
    markdown: bool,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new<T: Into<String>>(
        markdown: bool,
        first: &str,
        titles: impl IntoIterator<Item = T>,
    ) -> Self {
        let mut table = Self {
            markdown,
            rows: Vec::new(),
        };
        table.row(first, titles);
        table
    }

    /// A row, and what it is called.
    pub fn row<T: Into<String>>(&mut self, first: &str, cells: impl IntoIterator<Item = T>) {
        let mut row = vec![first.to_owned()];
        row.extend(cells.into_iter().map(Into::into));
        self.rows.push(row);
    }

    pub fn print(&self) {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        for (number, row) in self.rows.iter().enumerate() {
            if self.markdown {
                println!("| {} |", row.join(" | "));
                if number == 0 {
                    println!("|---|{}", "---:|".repeat(row.len() - 1));
                }
                continue;
            }
            for (column, cell) in row.iter().enumerate() {
                let width = width(column);
                if column == 0 {
                    print!("{cell:width$}");
                } else {
                    print!("  {cell:>width$}");
                }
            }
            println!();
        }
        println!();
    }
}
