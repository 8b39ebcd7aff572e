//! The cheapest way to lay what is expected beside what is there.

/// A step of laying the expected beside what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing is to be said: any child is right here, or the end of such.
    Pass,
    /// The part is one child, and this is it.
    Pair,
    /// The part is a child that is not there.
    Lack,
    /// The child is of no part.
    Surplus,
    /// The part is the next so many children, in any order.
    Group(usize),
}

/// So many parts, and so many children, are settled.
pub(super) type State = (usize, usize);

/// The cheapest way to each state that was reached.
#[derive(Debug)]
pub(super) struct Table {
    parts: usize,
    columns: usize,
    cells: Vec<Option<Cell>>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    cost: u32,
    /// How early parts are lacking: of equal ways the one that lacks the later ones is better told.
    haste: usize,
    from: State,
    step: Step,
}

impl Table {
    /// Nothing is settled yet.
    pub(super) fn new(parts: usize, children: usize) -> Self {
        let mut cells = vec![None; (parts + 1) * (children + 1)];
        if let Some(first) = cells.first_mut() {
            *first = Some(Cell {
                cost: 0,
                haste: 0,
                from: (0, 0),
                step: Step::Pass,
            });
        }
        Self {
            parts,
            columns: children + 1,
            cells,
        }
    }

    fn get(&self, (row, column): State) -> Option<Cell> {
        self.cells.get(row * self.columns + column).copied()?
    }

    pub(super) fn is_reached(&self, state: State) -> bool {
        self.get(state).is_some()
    }

    /// Offers a step from one state to another. The cheapest way stays; of equals the last, which
    /// pairs as early as it can.
    pub(super) fn offer(&mut self, from: State, to: State, cost: u32, step: Step) {
        let Some(before) = self.get(from) else {
            return;
        };
        let haste = match step {
            Step::Lack => self.parts - from.0,
            _ => 0,
        };
        let cell = Cell {
            cost: before.cost.saturating_add(cost),
            haste: before.haste + haste,
            from,
            step,
        };
        let is_better = self
            .get(to)
            .is_none_or(|best| (cell.cost, cell.haste) <= (best.cost, best.haste));
        if is_better && let Some(place) = self.cells.get_mut(to.0 * self.columns + to.1) {
            *place = Some(cell);
        }
    }

    /// What all of it costs, once all is settled.
    pub(super) fn cost(&self) -> u32 {
        let all = self.get((self.parts, self.columns - 1));
        all.map_or(u32::MAX, |cell| cell.cost)
    }

    /// The steps of the cheapest way, each with the state that it was taken in.
    pub(super) fn path(&self) -> Vec<(State, Step)> {
        let mut at = (self.parts, self.columns - 1);
        let mut path = Vec::new();
        while at != (0, 0)
            && let Some(cell) = self.get(at)
        {
            path.push((cell.from, cell.step));
            at = cell.from;
        }
        path.reverse();
        path
    }
}
