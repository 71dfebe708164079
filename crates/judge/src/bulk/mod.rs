// SPDX-License-Identifier: Apache-2.0
//! Many flows at once: every instrument is compiled once, and flows are judged in blocks, a bit for each.
//!
//! The answer for each flow and instrument is that of [`crate::verdicts`], and for each flow that of [`crate::judge`]:
//! tests hold them to it. What the bits decide is decided; the rest (flows that fail, where it remains to be said
//! whether steps would repair them, and flows that hang on unknown facts) is asked of the exact search, once for each
//! set of facts that the instrument can tell from others.

mod block;
mod changes;
mod code;
mod columns;
mod rows;
mod table;

use crate::compile::Frame;
use crate::finding::{Possible, Verdict};
use crate::formula::Truth;
use crate::judgment::{JudgeError, Options, check_readings, chosen, covered, elsewhere, jointly, judge};
use crate::leg::Leg;
use crate::program::{Program, Scope};
use crate::solve::Solver;
use crate::verdicts::Verdicts;
use block::{Block, Pair, ROWS};
use changes::Changes;
use code::Code;
use columns::{Columns, Mask};
use comity_flow::Flow;
use comity_law::Library;
use comity_law::ast::Instrument;
use comity_terms::Bits;
use jiff::civil::Date;
use rows::Row;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

pub use rows::Rows;
pub use table::{Answer, Cell, Table};

/// An instrument ready for a day: its position, and the day itself where it counts back from it, else the first of the segment.
type Ready = (usize, Date);

/// What is kept for the first leg, or for legs behind it: the two compile differently.
struct Side<'a> {
    frame: Frame<'a>,
    columns: Columns,
    ready: HashMap<Ready, Rc<Code>>,
    /// Each instrument compiled by itself: the search must not tell apart what only other instruments can.
    alone: HashMap<Ready, Rc<(Frame<'a>, Program<'a>)>>,
    /// What the exact search said of an instrument on a day, for the facts on which it can hang.
    found: HashMap<Ready, HashMap<Box<[u64]>, Cell>>,
    /// Where the tests of an instrument stand among the bits of all.
    masks: HashMap<Ready, Rc<Vec<Mask>>>,
    /// What it said of all together, on a day, for all facts of a leg; none where it gave up.
    joint: HashMap<Date, HashMap<Box<[u32]>, Option<Verdicts>>>,
}

/// A library made ready to judge many flows.
///
/// It keeps what it learns of facts it has seen, and belongs to one thread; every thread makes its own.
pub struct Bulk<'a> {
    library: &'a Library,
    options: Options,
    instruments: Vec<&'a Instrument>,
    /// Whether an instrument counts back from the day of the flow.
    counts_back: Vec<bool>,
    changes: Changes,
    first: Side<'a>,
    onward: Side<'a>,
    block: Block,
    /// Counts up when the columns change.
    generation: usize,
    /// The facts on which one answer can hang, kept to spare the allocation.
    facts: Vec<u64>,
    /// Places whose law is in the library.
    covered: HashMap<Date, Bits>,
    /// How many answers came from the exact search, and not from bits or memory.
    searched: usize,
}

impl<'a> Bulk<'a> {
    /// Makes a library ready. Where the options leave `under` open, flows that name instruments are judged one by one.
    ///
    /// # Errors
    ///
    /// If `under` or a fixed reading names what the library does not have.
    pub fn new(library: &'a Library, options: &Options) -> Result<Self, JudgeError> {
        let instruments = chosen(library, &options.under)?;
        check_readings(library, &options.readings)?;
        let known = options.known_on.unwrap_or(options.today);
        let side = |first_leg| {
            let mut frame = Frame::new(library, options.today, known);
            frame.first_leg = first_leg;
            Side {
                frame,
                columns: Columns::default(),
                ready: HashMap::new(),
                alone: HashMap::new(),
                found: HashMap::new(),
                masks: HashMap::new(),
                joint: HashMap::new(),
            }
        };
        Ok(Self {
            library,
            options: options.clone(),
            counts_back: instruments.iter().map(|instrument| changes::counts_back(library, instrument)).collect(),
            changes: Changes::of(library, &instruments),
            instruments,
            first: side(true),
            onward: side(false),
            block: Block::default(),
            generation: 0,
            facts: Vec::new(),
            covered: HashMap::new(),
            searched: 0,
        })
    }

    /// The instruments, in the order of the columns of a table.
    #[must_use]
    pub fn instruments(&self) -> &[&'a Instrument] {
        &self.instruments
    }

    /// How many answers had to be searched for so far.
    #[must_use]
    pub fn searched(&self) -> usize {
        self.searched
    }

    fn day(&self, flow: &Flow) -> Date {
        self.options.on.or(flow.on).unwrap_or(self.options.today)
    }

    fn side(&mut self, first: bool) -> &mut Side<'a> {
        if first { &mut self.first } else { &mut self.onward }
    }

    /// The name under which the code of an instrument for a day is kept.
    fn ready(&self, instrument: usize, day: Date) -> Ready {
        let exact = self.counts_back.get(instrument).copied().unwrap_or(true);
        (instrument, if exact { day } else { self.changes.since(day) })
    }

    /// Compiles what is not yet compiled for a day.
    fn compile(&mut self, first: bool, day: Date) {
        let mut changed = false;
        for position in 0..self.instruments.len() {
            let name = self.ready(position, day);
            let (library, known) = (self.library, self.options.known_on.unwrap_or(self.options.today));
            let Some(instrument) = self.instruments.get(position).copied() else { continue };
            let side = self.side(first);
            if side.ready.contains_key(&name) {
                continue;
            }
            side.frame.turn_to(library, day, known);
            let (code, grown) = Code::compile(&mut side.frame, &mut side.columns, instrument);
            side.ready.insert(name, Rc::new(code));
            changed |= grown;
        }
        if changed {
            // Bits have moved, and rows have more columns: what was learnt of them goes by the old ones.
            let side = self.side(first);
            side.columns.lay_out(&side.frame.tests);
            side.found.clear();
            side.masks.clear();
            side.joint.clear();
            self.generation += 1;
        }
    }

    /// Codes flows: what can be done once where the same flows are judged again.
    #[must_use]
    pub fn rows<'f>(&mut self, flows: &'f [Flow]) -> Rows<'f> {
        // All is compiled before anything is coded, so that no code goes stale on the way.
        let mut compiled = HashSet::new();
        for flow in flows {
            let day = self.day(flow);
            if compiled.insert((day, true)) {
                self.compile(true, day);
            }
            if !flow.onward.is_empty() && compiled.insert((day, false)) {
                self.compile(false, day);
            }
        }
        let mut rows = Rows { flows, first: Vec::new(), onward: Vec::new(), generation: self.generation };
        for (position, flow) in flows.iter().enumerate() {
            let day = self.day(flow);
            let library = self.library;
            let covered = *self.covered.entry(day).or_insert_with(|| covered(library, day));
            let uncovered = !elsewhere(flow, &covered).is_empty();
            for leg in Leg::all(flow) {
                let fixed = self.options.readings.clone();
                let side = self.side(leg == Leg::First);
                let store = leg.store_on(flow, &side.frame, day, &fixed);
                let codes = side.columns.codes(&store, &side.frame.tests);
                let row = Row { flow: position, leg, day, uncovered, codes: codes.into() };
                if leg == Leg::First { rows.first.push(row) } else { rows.onward.push(row) }
            }
        }
        rows
    }

    /// Judges flows.
    pub fn judge(&mut self, flows: &[Flow]) -> Table {
        let rows = self.rows(flows);
        self.table(&rows)
    }

    /// Judges rows.
    pub fn table(&mut self, rows: &Rows) -> Table {
        if rows.generation != self.generation {
            // Flows of other days brought new columns since these rows were coded.
            let again = self.rows(rows.flows);
            return self.table(&again);
        }
        let width = self.instruments.len();
        let mut legs = vec![vec![Cell::outside(); rows.first.len() * width], vec![Cell::outside(); rows.onward.len() * width]];
        for (first, cells) in [true, false].into_iter().zip(&mut legs) {
            let list = if first { &rows.first } else { &rows.onward };
            let mut order: Vec<usize> = (0..list.len()).collect();
            order.sort_by_key(|position| list.get(*position).map(|row| row.day));
            for positions in order.chunks(ROWS) {
                self.block(rows.flows, list, positions, first, cells);
            }
        }
        let onward = legs.pop().unwrap_or_default();
        let first = legs.pop().unwrap_or_default();
        let answers = self.together(rows, &first, &onward);
        Table { width, cells: first, answers }
    }

    /// Judges a block of rows, sorted by day.
    fn block(&mut self, flows: &[Flow], list: &[Row], positions: &[usize], first: bool, cells: &mut [Cell]) {
        let rows: Vec<&Row> = positions.iter().filter_map(|position| list.get(*position)).collect();
        let mut block = std::mem::take(&mut self.block);
        block.load(&self.side(first).columns, rows.iter().map(|row| &*row.codes));
        let width = self.instruments.len();
        for instrument in 0..width {
            // Rows of one segment share their code; they stand together.
            let mut start = 0;
            while let Some(row) = rows.get(start) {
                let name = self.ready(instrument, row.day);
                let same = rows.iter().skip(start).take_while(|row| self.ready(instrument, row.day) == name).count();
                let side = self.side(first);
                if let Some(code) = side.ready.get(&name).map(Rc::clone) {
                    block.begin(&side.columns, &code);
                    let governs = block.value(&side.columns, code.applicable);
                    if any(&governs, start, same) {
                        block.finish(&side.columns, &code);
                        let values = Values::of(&block, &side.columns, &code, first);
                        for at in start..start + same {
                            let (Some(row), Some(position)) = (rows.get(at), positions.get(at)) else { continue };
                            let cell = self.cell(flows, row, name, &code, &values, at, first);
                            if let Some(slot) = cells.get_mut(position * width + instrument) {
                                *slot = cell;
                            }
                        }
                    }
                }
                start += same;
            }
        }
        self.block = block;
    }

    #[expect(clippy::too_many_arguments, reason = "the inner loop: a row, its code, its bits")]
    fn cell(&mut self, flows: &[Flow], row: &Row, name: Ready, code: &Code, values: &Values, at: usize, first: bool) -> Cell {
        if let Some(cell) = values.lawful(at) {
            return cell;
        }
        let mut facts = std::mem::take(&mut self.facts);
        facts.clear();
        let side = self.side(first);
        let masks = side.masks.entry(name).or_insert_with(|| Rc::new(side.columns.masks(&code.tests)));
        side.columns.facts(masks, &row.codes, &mut facts);
        let known = self.side(first).found.get(&name).and_then(|found| found.get(facts.as_slice())).copied();
        if let Some(known) = known {
            self.facts = facts;
            return known;
        }
        self.searched += 1;
        let cell = match (flows.get(row.flow), self.instruments.get(name.0)) {
            (Some(flow), Some(instrument)) => self.search(instrument, flow, row, name, first),
            _ => Cell::unknown(),
        };
        self.side(first).found.entry(name).or_default().insert(facts.as_slice().into(), cell);
        self.facts = facts;
        cell
    }

    /// The exact answer of one instrument.
    fn search(&mut self, instrument: &'a Instrument, flow: &Flow, row: &Row, name: Ready, first: bool) -> Cell {
        let (library, known) = (self.library, self.options.known_on.unwrap_or(self.options.today));
        let alone = self.side(first).alone.entry(name).or_insert_with(|| {
            let mut frame = Frame::new(library, row.day, known);
            frame.first_leg = first;
            let scope = Scope::compile(&mut frame, instrument);
            let program = Program::compile(&mut frame, scope);
            Rc::new((frame, program))
        });
        let alone = Rc::clone(alone);
        let (frame, program) = &*alone;
        let store = row.leg.store_on(flow, frame, row.day, &self.options.readings);
        let solver = Solver::new(frame);
        let possible = Possible(solver.verdicts(&[program], &store));
        Cell::of(&possible, !solver.exhausted())
    }

    /// What all instruments say together of each flow, on all its legs.
    fn together(&mut self, rows: &Rows, first: &[Cell], onward: &[Cell]) -> Vec<Answer> {
        let width = self.instruments.len().max(1);
        let mut legs: Vec<Vec<(&Row, &[Cell])>> = vec![Vec::new(); rows.flows.len()];
        let cells = first.chunks(width).chain(onward.chunks(width));
        for (row, cells) in rows.first.iter().chain(&rows.onward).zip(cells) {
            if let Some(legs) = legs.get_mut(row.flow) {
                legs.push((row, cells));
            }
        }
        rows.flows.iter().zip(legs).map(|(flow, legs)| self.answer(flow, &legs)).collect()
    }

    fn answer(&mut self, flow: &Flow, legs: &[(&Row, &[Cell])]) -> Answer {
        if self.options.under.is_empty() && !flow.under.is_empty() {
            // The flow asks for instruments of its own.
            self.searched += 1;
            return judge(self.library, flow, &self.options).map_or_else(|_| Answer::unknown(), |judgment| Answer::of(&judgment));
        }
        let mut exact = legs.iter().all(|(_, cells)| cells.iter().all(Cell::exact));
        let mut sets = Vec::with_capacity(legs.len());
        for (row, cells) in legs {
            let mut set = Verdicts::worst(cells.iter().map(Cell::verdicts));
            let open = cells.iter().filter(|cell| !cell.verdicts().is_one()).count();
            if !set.is_one() && open > 1 {
                // What each instrument leaves open may hang on the same facts, and not be possible together.
                let joint = self.jointly(flow, row);
                exact &= joint.is_some();
                set = joint.unwrap_or(set);
            }
            sets.push(set);
        }
        let open_legs = sets.iter().filter(|set| !set.is_one()).count();
        let uncovered = legs.iter().any(|(row, _)| row.uncovered) && self.options.under.is_empty();
        Answer::new(Verdicts::worst(sets), exact && open_legs < 2, uncovered)
    }

    /// The verdicts of all instruments together on a leg; none where the search gave up.
    fn jointly(&mut self, flow: &Flow, row: &Row) -> Option<Verdicts> {
        let first = row.leg == Leg::First;
        if let Some(known) = self.side(first).joint.get(&row.day).and_then(|known| known.get(&row.codes)) {
            return *known;
        }
        self.searched += 1;
        let joint = jointly(self.library, flow, &self.options, row.leg).ok().flatten();
        let joint = joint.map(|possible| Verdicts::of(&possible));
        self.side(first).joint.entry(row.day).or_default().insert(row.codes.clone(), joint);
        joint
    }
}

/// Whether a bit of some rows is not excluded.
fn any(pair: &Pair, start: usize, count: usize) -> bool {
    (start..start + count).any(|at| bit(&pair.may, at))
}

fn bit(lane: &[u64], at: usize) -> bool {
    lane.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
}

/// The bits of a block on which the verdict of a program hangs.
struct Values {
    governs: Pair,
    unrestricted: Pair,
    lawful: Pair,
    permits: Vec<(Pair, comity_terms::Term)>,
}

impl Values {
    fn of(block: &Block, columns: &Columns, code: &Code, first: bool) -> Self {
        let mut governs = block.value(columns, code.applicable);
        if !first {
            // What does not reach later legs does not govern them.
            let onward = block.value(columns, code.onward);
            governs = governs.both_may(&onward);
        }
        Self {
            governs,
            unrestricted: block.value(columns, code.unrestricted),
            lawful: block.value(columns, code.lawful),
            permits: code.permits.iter().map(|(input, mechanism)| (block.value(columns, *input), *mechanism)).collect(),
        }
    }

    /// The answer for a row, where bits alone show that the instrument lets it go.
    fn lawful(&self, at: usize) -> Option<Cell> {
        if self.truth(&self.governs, at) == Truth::False {
            return Some(Cell::outside());
        }
        match (self.truth(&self.unrestricted, at), self.truth(&self.lawful, at)) {
            (Truth::True, _) => Some(Cell::decided(Verdict::Unrestricted, None)),
            (Truth::False, Truth::True) => {
                let carried = self.permits.iter().find(|(pair, _)| self.truth(pair, at) == Truth::True);
                Some(Cell::decided(Verdict::Permitted, carried.map(|(_, mechanism)| *mechanism)))
            }
            _ => None,
        }
    }

    fn truth(&self, pair: &Pair, at: usize) -> Truth {
        match (bit(&pair.must, at), bit(&pair.may, at)) {
            (true, _) => Truth::True,
            (false, true) => Truth::Open,
            (false, false) => Truth::False,
        }
    }
}
