// SPDX-License-Identifier: Apache-2.0
//! Persons and sums of groups, where what one person adds is bounded. Exact: the noise comes after.
//!
//! Memory is bounded whatever the number of persons: where there are more than can be held, those in one part of the
//! space of hashes are counted in one pass over the table, and the others in passes to come.

use crate::CrossingError;
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType};
use comity_border::Release;
use comity_evidence::Hash;
use std::collections::HashMap;

/// So many pairs of a person and a group are held at once.
const PERSONS: usize = 1_000_000;
/// So many groups there may be.
const GROUPS: usize = 1_000_000;

/// The cells of a group; an empty cell is none.
pub(super) type Cells = Vec<Option<String>>;

/// What was counted of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) persons: i64,
    /// In steps.
    pub(super) sums: Vec<i64>,
}

/// One person in one pass: for each of their groups the sums so far.
type Person = Vec<(u32, Vec<i64>)>;

/// Counts, pass by pass.
pub(super) struct Count<'a> {
    release: &'a Release,
    groups: HashMap<Cells, u32>,
    /// Of each group a number that depends on its cells alone: by it persons choose among their groups.
    marks: Vec<u64>,
    totals: Vec<Total>,
    persons: HashMap<u128, Person>,
    held: usize,
    /// The hashes of the persons that this pass counts: from here, and up to but not including there; none: to the end.
    from: u128,
    until: Option<u128>,
    most: usize,
    /// Rows that say of no person.
    pub(super) of_nobody: u64,
    /// Persons who were in more groups than count.
    pub(super) cut: u64,
    first: bool,
}

impl<'a> Count<'a> {
    pub(super) fn new(release: &'a Release) -> Self {
        Self::of_at_most(release, PERSONS)
    }

    fn of_at_most(release: &'a Release, most: usize) -> Self {
        Self {
            release,
            groups: HashMap::new(),
            marks: Vec::new(),
            totals: Vec::new(),
            persons: HashMap::new(),
            held: 0,
            from: 0,
            until: None,
            most,
            of_nobody: 0,
            cut: 0,
            first: true,
        }
    }

    /// Adds rows: `persons` says whose they are, `passed` what leaves of them.
    pub(super) fn add(&mut self, persons: &ArrayRef, passed: &RecordBatch) -> Result<(), CrossingError> {
        let failed = |error: ArrowError| CrossingError::Release(error.to_string());
        let persons = texts(persons).map_err(failed)?;
        let persons: &StringArray = persons.as_string::<i32>();
        let named =
            |name: &String| passed.column_by_name(name).ok_or_else(|| CrossingError::Release(format!("column `{name}` is missing")));
        let by = self.release.by.iter().map(|name| texts(named(name)?).map_err(failed)).collect::<Result<Vec<_>, _>>()?;
        let by: Vec<&StringArray> = by.iter().map(|column| column.as_string::<i32>()).collect();
        // A cell that is no number adds nothing, as an empty one.
        let numbers = |name: &String| arrow_cast::cast(named(name)?, &DataType::Float64).map_err(failed);
        let sums = self.release.sums.iter().map(|sum| numbers(&sum.column)).collect::<Result<Vec<_>, _>>()?;
        let sums: Vec<_> = sums.iter().map(|column| column.as_primitive::<Float64Type>()).collect();
        for row in 0..passed.num_rows() {
            if persons.is_null(row) || persons.value(row).trim().is_empty() {
                self.of_nobody += u64::from(self.first);
                continue;
            }
            let person = hashed(persons.value(row));
            if person < self.from || self.until.is_some_and(|until| person >= until) {
                continue;
            }
            let cells: Cells = by.iter().map(|column| (!column.is_null(row)).then(|| column.value(row).to_owned())).collect();
            let group = self.group(cells)?;
            let groups = self.persons.entry(person).or_default();
            let place = groups.iter().position(|(of, _)| *of == group).unwrap_or_else(|| {
                self.held += 1;
                groups.push((group, vec![0; sums.len()]));
                groups.len() - 1
            });
            let Some((_, so_far)) = groups.get_mut(place) else { continue };
            for ((total, column), sum) in so_far.iter_mut().zip(&sums).zip(&self.release.sums) {
                if !column.is_null(row) {
                    *total = total.saturating_add(sum.steps(column.value(row)));
                }
            }
            if self.held > self.most {
                self.narrow();
            }
        }
        Ok(())
    }

    fn group(&mut self, cells: Cells) -> Result<u32, CrossingError> {
        if let Some(known) = self.groups.get(&cells) {
            return Ok(*known);
        }
        if self.groups.len() >= GROUPS {
            let what = format!("there are more than {GROUPS} groups; make the columns of `by` coarser");
            return Err(CrossingError::Release(what));
        }
        let number = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        // Lengths apart, so that no two groups have one text.
        let text: String = cells.iter().map(|cell| cell.as_ref().map_or("-".to_owned(), |cell| format!("{}:{cell}", cell.len()))).collect();
        self.marks.push(hashed(&text) as u64);
        self.totals.push(Total { persons: 0, sums: vec![0; self.release.sums.len()] });
        self.groups.insert(cells, number);
        Ok(number)
    }

    /// Leaves the upper half of the persons held to a pass to come.
    fn narrow(&mut self) {
        let mut hashes: Vec<u128> = self.persons.keys().copied().collect();
        let middle = hashes.len() / 2;
        let (_, until, _) = hashes.select_nth_unstable(middle);
        let until = *until;
        if until <= self.from {
            return;
        }
        self.until = Some(until);
        self.persons.retain(|person, _| *person < until);
        self.held = self.persons.values().map(Vec::len).sum();
    }

    /// Ends a pass; whether there has to be another.
    pub(super) fn end_pass(&mut self) -> bool {
        for (person, mut groups) in self.persons.drain() {
            let kept = usize::try_from(self.release.groups).unwrap_or(usize::MAX);
            if groups.len() > kept {
                self.cut += 1;
                // Which ones count follows from the person and the groups alone, whoever else is in the table.
                let place = |group: u32| {
                    let mark = usize::try_from(group).ok().and_then(|group| self.marks.get(group)).copied().unwrap_or(0);
                    (mark ^ person as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
                };
                groups.sort_by_key(|(group, _)| place(*group));
                groups.truncate(kept);
            }
            for (group, sums) in groups {
                let Some(total) = usize::try_from(group).ok().and_then(|group| self.totals.get_mut(group)) else { continue };
                total.persons += 1;
                for ((total, of_person), sum) in total.sums.iter_mut().zip(sums).zip(&self.release.sums) {
                    let (from, to) = sum.bounds();
                    *total = total.saturating_add(of_person.clamp(from, to));
                }
            }
        }
        self.held = 0;
        self.first = false;
        let more = self.until.is_some();
        self.from = self.until.take().unwrap_or(0);
        more
    }

    /// The groups with their totals, in the order of their cells.
    pub(super) fn finish(self) -> Vec<(Cells, Total)> {
        let mut totals = self.totals;
        let of = |(cells, number): (Cells, u32)| Some((cells, std::mem::take(totals.get_mut(usize::try_from(number).ok()?)?)));
        let mut groups: Vec<(Cells, Total)> = self.groups.into_iter().filter_map(of).collect();
        groups.sort_by(|(one, _), (other, _)| one.cmp(other));
        // A group all of whose persons count elsewhere is as one that is not there.
        groups.retain(|(_, total)| total.persons > 0);
        groups
    }
}

/// 128 bits of SHA-256: no two persons of a table have the same.
fn hashed(text: &str) -> u128 {
    let mut low = [0_u8; 16];
    low.iter_mut().zip(Hash::of(text.as_bytes()).as_bytes()).for_each(|(to, from)| *to = *from);
    u128::from_be_bytes(low)
}

fn texts(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    arrow_cast::cast(column, &DataType::Utf8)
}

#[cfg(test)]
mod tests {
    use super::{Count, Total};
    use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
    use comity_border::{PrivacyLoss, Release, release::Sum};
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    fn release(groups: u32) -> Release {
        let sum = Sum { column: "spent".to_owned(), from: -10.0, to: 30.0, step: 0.5 };
        Release { by: vec!["place".to_owned()], sums: vec![sum], groups, loss: PrivacyLoss::default() }
    }

    type Row = (Option<String>, Option<String>, Option<f64>);

    /// Two thousand rows of some hundred persons, in places that few or many share.
    fn rows() -> Vec<Row> {
        let mut state = 7_u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let mut row = || {
            let person = (below(50) > 0).then(|| format!("p{}", below(300)));
            let place = (below(20) > 0).then(|| format!("place {}", below(9)));
            (person, place, (below(8) > 0).then(|| below(100) as f64 / 3.0 - 10.0))
        };
        (0..2000).map(|_| row()).collect()
    }

    fn counted(release: &Release, rows: &[Row], most: usize) -> (Vec<(super::Cells, Total)>, u64, usize) {
        let mut count = Count::of_at_most(release, most);
        let mut passes = 0;
        loop {
            for part in rows.chunks(97) {
                let persons: ArrayRef = Arc::new(part.iter().map(|row| row.0.clone()).collect::<StringArray>());
                let places: ArrayRef = Arc::new(part.iter().map(|row| row.1.clone()).collect::<StringArray>());
                let spent: ArrayRef = Arc::new(part.iter().map(|row| row.2).collect::<Float64Array>());
                let Ok(batch) = RecordBatch::try_from_iter([("place", places), ("spent", spent)]) else { panic!("no batch") };
                if let Err(error) = count.add(&persons, &batch) {
                    panic!("{error}");
                }
            }
            passes += 1;
            if !count.end_pass() {
                break;
            }
        }
        let of_nobody = count.of_nobody;
        (count.finish(), of_nobody, passes)
    }

    #[test]
    fn groups_are_those_of_a_plain_count_however_many_passes_it_takes() {
        let rows = rows();
        // With as many groups as there are, every person counts in all of theirs.
        let mut spent: BTreeMap<(Option<String>, String), i64> = BTreeMap::new();
        for (person, place, amount) in rows.iter().filter_map(|(person, place, amount)| Some((person.clone()?, place, amount))) {
            *spent.entry((place.clone(), person)).or_default() += amount.map_or(0, |amount| (amount / 0.5).round() as i64);
        }
        let mut plain: BTreeMap<super::Cells, Total> = BTreeMap::new();
        for ((place, _), steps) in spent {
            let total = plain.entry(vec![place]).or_insert(Total { persons: 0, sums: vec![0] });
            total.persons += 1;
            total.sums[0] += steps.clamp(-20, 60);
        }
        let nobody = rows.iter().filter(|row| row.0.is_none()).count() as u64;
        for most in [usize::MAX, 400, 90, 20] {
            let (found, of_nobody, passes) = counted(&release(10), &rows, most);
            assert_eq!(found, plain.clone().into_iter().collect::<Vec<_>>(), "{most}");
            assert_eq!((of_nobody, passes > 1), (nobody, most < usize::MAX), "{most}: {passes} passes");
        }
    }

    #[test]
    fn one_person_more_or_less_changes_what_it_may_and_nothing_else() {
        let rows = rows();
        let persons: BTreeSet<&String> = rows.iter().filter_map(|row| row.0.as_ref()).collect();
        for groups in [1, 2, 3] {
            let release = release(groups);
            let all: BTreeMap<super::Cells, Total> = counted(&release, &rows, usize::MAX).0.into_iter().collect();
            for person in persons.iter().take(60) {
                let others: Vec<Row> = rows.iter().filter(|row| row.0.as_ref() != Some(*person)).cloned().collect();
                let without: BTreeMap<super::Cells, Total> = counted(&release, &others, usize::MAX).0.into_iter().collect();
                let none = Total { persons: 0, sums: vec![0] };
                let (mut changed, mut moved) = (0, 0);
                for (cells, total) in &all {
                    let other = without.get(cells).unwrap_or(&none);
                    changed += total.persons - other.persons;
                    moved += (total.sums[0] - other.sums[0]).abs();
                    assert!((0..=1).contains(&(total.persons - other.persons)) && (total.sums[0] - other.sums[0]).abs() <= 60);
                }
                assert!(without.keys().all(|cells| all.contains_key(cells)));
                assert!(changed >= 1 && changed <= i64::from(groups) && moved <= 60 * i64::from(groups), "{person}: {changed}, {moved}");
            }
        }
    }
}
