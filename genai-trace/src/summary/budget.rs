//! Text that has to do with so much room.

/// So many bytes a token is taken to have.
const TOKEN_BYTES: usize = 3;

/// Text that has to do with so much room.
pub(super) struct Budget {
    text: String,
    most: usize,
}

impl Budget {
    pub(super) fn of_tokens(tokens: usize) -> Self {
        Self {
            text: String::new(),
            most: tokens.saturating_mul(TOKEN_BYTES),
        }
    }

    /// Adds a line, or as much of it as there is room for.
    pub(super) fn add(&mut self, line: &str) {
        let room = self.room().saturating_sub(1);
        let end = line.floor_char_boundary(room);
        if let Some(kept) = line.get(..end).filter(|kept| !kept.is_empty()) {
            self.text.push_str(kept);
            self.text.push('\n');
        }
    }

    /// Adds lines as long as they fit; of those that do not it says how many there are.
    pub(super) fn add_lines(&mut self, lines: &[String]) {
        let fitting = self.fitting(lines.iter());
        let fitting = match fitting == lines.len() {
            true => fitting,
            false => fitting.saturating_sub(1),
        };
        let (kept, left_out) = lines.split_at(fitting);
        self.push_all(kept);
        if !left_out.is_empty() {
            self.try_push(&format!("(and {} more)", left_out.len()));
        }
    }

    /// Adds lines below a title; of too many the first and the last.
    pub(super) fn add_middle_out(&mut self, title: &str, lines: &[String]) {
        let all: usize = lines.iter().map(|line| line.len() + 1).sum();
        let room = self.room().saturating_sub(title.len() + 1);
        if lines.is_empty() {
            return;
        }
        if all <= room {
            self.push(title);
            return self.push_all(lines);
        }
        let gap = format!("(.. {} calls are left out ..)", lines.len());
        let Some(room) = room.checked_sub(gap.len() + 1) else {
            return;
        };
        let half = |lines: &mut dyn Iterator<Item = &String>| {
            let mut left = room / 2;
            lines
                .take_while(|line| match left.checked_sub(line.len() + 1) {
                    Some(rest) => {
                        left = rest;
                        true
                    }
                    None => false,
                })
                .count()
        };
        let first = half(&mut lines.iter());
        let last = half(&mut lines.iter().rev());
        if first == 0 && last == 0 {
            return;
        }
        let left_out = lines.len() - first - last;
        self.push(title);
        self.push_all(lines.get(..first).unwrap_or_default());
        self.push(&format!("(.. {left_out} calls are left out ..)"));
        self.push_all(lines.get(lines.len() - last..).unwrap_or_default());
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn room(&self) -> usize {
        self.most.saturating_sub(self.text.len())
    }

    /// How many of the first lines there is room for.
    fn fitting<'a>(&self, lines: impl Iterator<Item = &'a String>) -> usize {
        let mut left = self.room();
        lines
            .take_while(|line| match left.checked_sub(line.len() + 1) {
                Some(rest) => {
                    left = rest;
                    true
                }
                None => false,
            })
            .count()
    }

    fn try_push(&mut self, line: &str) {
        if line.len() < self.room() {
            self.push(line);
        }
    }

    fn push_all(&mut self, lines: &[String]) {
        lines.iter().for_each(|line| self.push(line));
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}
