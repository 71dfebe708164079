// SPDX-License-Identifier: Apache-2.0
//! Many flows at once: every instrument is compiled once, and flows are judged in blocks, a bit for each.
//!
//! The answer for each flow and instrument is that of [`crate::verdicts`], and for each flow that of [`crate::judge`]:
//! tests hold them to it. What the bits decide is decided; the rest (flows that fail, where it remains to be said
//! whether steps would repair them, and flows that hang on unknown facts) is asked of the exact search, once for each
//! set of facts that the instrument can tell from others.

mod block;
mod code;
mod columns;
mod rows;
mod table;
mod values;
mod wide;

use crate::compile::Frame;
use crate::finding::Verdict;
use crate::formula::Truth;
use crate::judgment::{JudgeError, Options, check_readings, chosen, covered, elsewhere};
use crate::leg::Leg;
use crate::ready::Judge;
use crate::segments::Segments;
use crate::verdicts::Verdicts;
use block::{Block, Ground, Pair, ROWS, bit};
use code::Code;
use columns::Columns;
use comity_flow::Flow;
use comity_law::Library;
use comity_law::ast::Instrument;
use comity_terms::Bits;
use jiff::civil::Date;
use rows::Row;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use values::Values;

pub use rows::Rows;
pub use table::{Answer, Cell, Table};

/// An instrument ready for a day: its position, and the day itself where it counts back from it, else the first of the segment.
type Ready = (usize, Date);

/// What is kept for the first leg, or for legs behind it: the two compile differently.
struct Side<'a> {
    frame: Frame<'a>,
    columns: Columns,
    ready: HashMap<Ready, Rc<Code>>,
    /// What the exact search said of an instrument on a day, for the facts on which it can hang.
    found: HashMap<Ready, HashMap<Box<[u64]>, Cell>>,
    /// What it said of all together, on a day, for all facts of a leg; none where it gave up.
    joint: HashMap<Date, HashMap<Box<[u32]>, Option<Verdicts>>>,
}

/// A row under an instrument, in a block that was evaluated.
struct Spot<'s> {
    row: &'s Row,
    /// The position of the row in its list, and in the block.
    position: usize,
    at: usize,
    name: Ready,
    code: &'s Code,
    values: &'s Values,
}

/// A library made ready to judge many flows.
///
/// It keeps what it learns of facts it has seen, and belongs to one thread; every thread makes its own.
pub struct Bulk<'a> {
    library: &'a Library,
    options: Options,
    instruments: Vec<&'a Instrument>,
    /// The days on which each of them changes.
    segments: Vec<Segments>,
    /// What searches where bits leave the answer open.
    judge: Judge<'a>,
    first: Side<'a>,
    onward: Side<'a>,
    block: Block,
    /// Counts up when codes change.
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
            Side { frame, columns: Columns::default(), ready: HashMap::new(), found: HashMap::new(), joint: HashMap::new() }
        };
        Ok(Self {
            library,
            options: options.clone(),
            segments: instruments.iter().map(|instrument| Segments::of(library, instrument)).collect(),
            judge: Judge::new(library, options),
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
        (instrument, self.segments.get(instrument).map_or(day, |segments| segments.since(day)))
    }

    /// Compiles what is not yet compiled for a day.
    fn compile(&mut self, first: bool, day: Date) {
        let mut recoded = false;
        for position in 0..self.instruments.len() {
            let name = self.ready(position, day);
            let (library, known) = (self.library, self.options.known_on());
            let Some(instrument) = self.instruments.get(position).copied() else { continue };
            let side = self.side(first);
            if side.ready.contains_key(&name) {
                continue;
            }
            side.frame.turn_to(library, day, known);
            let (code, new) = Code::compile(&mut side.frame, &mut side.columns, instrument);
            side.ready.insert(name, Rc::new(code));
            recoded |= new;
        }
        if recoded {
            // What was learnt of rows goes by their old codes.
            let side = self.side(first);
            side.found.clear();
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
                let codes = side.columns.codes(&store);
                let row = Row { flow: position, leg, day, uncovered, void: store.is_void(), codes: codes.into() };
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
            self.each(list, first, &mut |bulk, block, spot| {
                let cell = bulk.cell(rows.flows, block, spot, first);
                if let Some(slot) = cells.get_mut(spot.position * width + spot.name.0) {
                    *slot = cell;
                }
            });
        }
        let onward = legs.pop().unwrap_or_default();
        let first = legs.pop().unwrap_or_default();
        let answers = self.together(rows, &first, &onward);
        Table { width, cells: first, answers }
    }

    /// Whether all instruments let each flow go, on all its legs, as far as this shows without a search: what holds or
    /// does not is certain, and `Open` leaves it to [`Self::table`] to say more.
    ///
    /// It tells neither whether steps would repair a flow nor whether a place has no instrument.
    pub fn lawful(&mut self, rows: &Rows) -> Vec<Truth> {
        if rows.generation != self.generation {
            let again = self.rows(rows.flows);
            return self.lawful(&again);
        }
        let mut answers = vec![Truth::True; rows.flows.len()];
        for (first, list) in [(true, &rows.first), (false, &rows.onward)] {
            self.each(list, first, &mut |_, _, spot| {
                if let Some(answer) = answers.get_mut(spot.row.flow) {
                    *answer = match (*answer, spot.values.lets_go(spot.at)) {
                        (Truth::False, _) | (_, Truth::False) => Truth::False,
                        (Truth::True, Truth::True) => Truth::True,
                        _ => Truth::Open,
                    };
                }
            });
        }
        for (flow, answer) in rows.flows.iter().zip(&mut answers) {
            if self.options.under.is_empty() && !flow.under.is_empty() {
                let possible = self.judge.findings(flow).map(|judgment| judgment.possible.0).unwrap_or_default();
                let lawful = possible.iter().filter(|verdict| **verdict <= Verdict::Permitted).count();
                *answer = match lawful {
                    0 if !possible.is_empty() => Truth::False,
                    all if all == possible.len() && all > 0 => Truth::True,
                    _ => Truth::Open,
                };
            }
        }
        answers
    }

    /// The verdict of each flow that every instrument lets go, on all its legs, where bits alone show it; none of any other.
    ///
    /// It searches for nothing, so it is what to ask first of many flows: what it leaves open is for [`Judge`].
    pub fn settled(&mut self, rows: &Rows) -> Vec<Option<Verdict>> {
        if rows.generation != self.generation {
            let again = self.rows(rows.flows);
            return self.settled(&again);
        }
        let everything = self.options.under.is_empty();
        // A flow that asks for instruments of its own is not asked about here.
        let mut answers: Vec<Option<Verdict>> =
            rows.flows.iter().map(|flow| (!everything || flow.under.is_empty()).then_some(Verdict::Unrestricted)).collect();
        for row in rows.first.iter().chain(&rows.onward) {
            if (row.void || (everything && row.uncovered))
                && let Some(answer) = answers.get_mut(row.flow)
            {
                *answer = None;
            }
        }
        for (first, list) in [(true, &rows.first), (false, &rows.onward)] {
            self.each(list, first, &mut |_, block, spot| {
                if let Some(answer) = answers.get_mut(spot.row.flow) {
                    let verdict = spot.values.decided(block, spot.code, spot.at).and_then(|cell| cell.verdict());
                    *answer = answer.zip(verdict).map(|(so_far, verdict)| so_far.max(verdict));
                }
            });
        }
        answers
    }

    /// Evaluates rows block by block, and hands over each row with each instrument that may govern it.
    fn each(&mut self, list: &[Row], first: bool, then: &mut impl FnMut(&mut Self, &Block, &Spot)) {
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_by_key(|position| list.get(*position).map(|row| row.day));
        let mut block = std::mem::take(&mut self.block);
        for positions in order.chunks(ROWS) {
            self.block(&mut block, list, positions, first, then);
        }
        self.block = block;
    }

    /// Evaluates a block of rows, sorted by day.
    fn block(
        &mut self,
        block: &mut Block,
        list: &[Row],
        positions: &[usize],
        first: bool,
        then: &mut impl FnMut(&mut Self, &Block, &Spot),
    ) {
        let rows: Vec<&Row> = positions.iter().filter_map(|position| list.get(*position)).collect();
        let codes: Vec<&[u32]> = rows.iter().map(|row| &*row.codes).collect();
        let pieces = self.pieces(&rows, first);
        let side = self.side(first);
        block.load(&mut side.columns, &side.frame.tests, &pieces, &codes);
        for instrument in 0..self.instruments.len() {
            // Rows of one segment share their code; they stand together.
            let mut start = 0;
            while let Some(row) = rows.get(start) {
                let name = self.ready(instrument, row.day);
                let alike = |other: &&&Row| other.day == row.day || self.ready(instrument, other.day) == name;
                let same = rows.iter().skip(start).take_while(alike).count();
                let side = self.side(first);
                if let Some(code) = side.ready.get(&name).map(Rc::clone) {
                    let range = start..start + same;
                    let mut ground = Ground { columns: &mut side.columns, tests: &side.frame.tests, rows: &codes, range: range.clone() };
                    block.begin(&mut ground, &code);
                    let governs = block.value(ground.columns, code.applicable);
                    if any(&governs, start, same) {
                        block.finish(&mut ground, &code);
                        let values = Values::of(block, ground.columns, &code, first);
                        for at in range {
                            let (Some(row), Some(position)) = (rows.get(at), positions.get(at)) else { continue };
                            then(self, block, &Spot { row, position: *position, name, code: &code, values: &values, at });
                        }
                    }
                }
                start += same;
            }
        }
    }

    /// The pieces that hold the tests of all instruments on the days of some rows.
    fn pieces(&mut self, rows: &[&Row], first: bool) -> Vec<usize> {
        let mut days: Vec<Date> = rows.iter().map(|row| row.day).collect();
        days.dedup();
        let names: HashSet<Ready> = (0..self.instruments.len())
            .flat_map(|instrument| days.iter().map(move |day| (instrument, *day)))
            .map(|(instrument, day)| self.ready(instrument, day))
            .collect();
        let side = self.side(first);
        let codes = names.iter().filter_map(|name| side.ready.get(name));
        let pieces: BTreeSet<usize> = codes.flat_map(|code| code.masks.iter().map(|mask| mask.piece)).collect();
        pieces.into_iter().collect()
    }

    fn cell(&mut self, flows: &[Flow], block: &Block, spot: &Spot, first: bool) -> Cell {
        let Spot { row, name, code, .. } = *spot;
        if let Some(cell) = spot.values.decided(block, code, spot.at) {
            return cell;
        }
        if row.void {
            return self.search(flows, spot);
        }
        let mut facts = std::mem::take(&mut self.facts);
        facts.clear();
        let side = self.side(first);
        side.columns.facts(&code.masks, &row.codes, &side.frame.tests, &mut facts);
        let known = side.found.get(&name).and_then(|found| found.get(facts.as_slice())).copied();
        let cell = known.unwrap_or_else(|| {
            let cell = self.search(flows, spot);
            self.side(first).found.entry(name).or_default().insert(facts.as_slice().into(), cell);
            cell
        });
        self.facts = facts;
        cell
    }

    /// The exact answer of one instrument.
    fn search(&mut self, flows: &[Flow], spot: &Spot) -> Cell {
        self.searched += 1;
        let (Some(flow), Some(instrument)) = (flows.get(spot.row.flow), self.instruments.get(spot.name.0)) else { return Cell::unknown() };
        let (possible, exact) = self.judge.alone(instrument, flow, spot.row.leg);
        Cell::of(&possible, exact)
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
            return self.judge.findings(flow).map_or_else(|_| Answer::unknown(), |judgment| Answer::of(&judgment));
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
        let joint = self.judge.jointly(&self.instruments, flow, row.leg).map(|possible| Verdicts::of(&possible));
        self.side(first).joint.entry(row.day).or_default().insert(row.codes.clone(), joint);
        joint
    }
}

/// Whether a bit of some rows is not excluded.
fn any(pair: &Pair, start: usize, count: usize) -> bool {
    (start..start + count).any(|at| bit(&pair.may, at))
}
