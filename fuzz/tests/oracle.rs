// SPDX-License-Identifier: Apache-2.0
//! The decision diagram against another: random functions over variables of two, three and four values, built side by
//! side in ours and, bit by bit, in the binary diagrams of `oxidd`. They agree on which functions are equal and on counts.

#[expect(dead_code, reason = "the kernel as it stands in the crate, of which this asks a part")]
#[path = "../../crates/judge/src/diagram.rs"]
mod diagram;

use comity_fuzz::Dice;
use diagram::{Diagram, Join, Ref};
use oxidd::bdd::BDDFunction;
use oxidd::util::SatCountCache;
use oxidd::{BooleanFunction, Manager, ManagerRef};
use std::hash::RandomState;

/// How many values each variable has.
const ARITY: [usize; 7] = [2, 3, 4, 2, 4, 3, 2];
/// Two bits stand for each variable.
const BITS: u32 = 14;

/// A function in both.
type Both = (Ref, BDDFunction);

struct World {
    diagram: Diagram,
    bits: Vec<BDDFunction>,
    never: BDDFunction,
    /// The bits stand for a value of each variable.
    domain: BDDFunction,
}

impl World {
    fn new() -> Self {
        let manager = oxidd::bdd::new_manager(1 << 20, 1 << 20, 1);
        let (bits, never, always) = manager.with_manager_exclusive(|manager| {
            manager.add_vars(BITS);
            let bits: Vec<BDDFunction> = (0..BITS).map(|bit| BDDFunction::var(manager, bit).expect("there is room")).collect();
            (bits, BDDFunction::f(manager), BDDFunction::t(manager))
        });
        let mut world = Self { diagram: Diagram::new(ARITY.to_vec(), 1 << 20), bits, never, domain: always.clone() };
        world.domain = ARITY.iter().enumerate().fold(always, |domain, (level, arity)| {
            let values = (0..*arity).map(|value| world.value(level, value));
            domain.and(&any(&world.never, values)).expect("there is room")
        });
        world
    }

    /// A variable has a value.
    fn value(&self, level: usize, value: usize) -> BDDFunction {
        let bit = |at: usize, set: bool| {
            let bit = &self.bits[level * 2 + at];
            if set { bit.clone() } else { bit.not().expect("there is room") }
        };
        bit(0, value & 1 != 0).and(&bit(1, value & 2 != 0)).expect("there is room")
    }

    /// A variable has one of some values.
    fn test(&mut self, level: usize, values: &[usize]) -> Both {
        let ours = self.diagram.test(level, |value| values.contains(&value)).expect("there is room");
        let theirs = any(&self.never, values.iter().map(|value| self.value(level, *value)));
        (ours, theirs)
    }

    fn not(&mut self, a: &Both) -> Both {
        (self.diagram.negate(a.0).expect("there is room"), a.1.not().expect("there is room"))
    }

    fn join(&mut self, dice: &mut Dice, a: &Both, b: &Both) -> Both {
        match dice.below(3) {
            0 => (self.diagram.join(Join::And, a.0, b.0).expect("there is room"), a.1.and(&b.1).expect("there is room")),
            1 => (self.diagram.join(Join::Or, a.0, b.0).expect("there is room"), a.1.or(&b.1).expect("there is room")),
            _ => {
                let (not_a, not_b) = (self.not(a).0, self.not(b).0);
                let left = self.diagram.join(Join::And, a.0, not_b).expect("there is room");
                let right = self.diagram.join(Join::And, not_a, b.0).expect("there is room");
                (self.diagram.join(Join::Or, left, right).expect("there is room"), a.1.xor(&b.1).expect("there is room"))
            }
        }
    }

    /// The part of a function of theirs that stands for values.
    fn proper(&self, function: &BDDFunction) -> BDDFunction {
        function.and(&self.domain).expect("there is room")
    }

    /// How many assignments make it hold, in both. A variable of two values has one bit that says nothing, and is always 0.
    fn counts(&self, both: &Both) -> (f64, f64) {
        let weights: Vec<Vec<f64>> = ARITY.iter().map(|arity| vec![1.0; *arity]).collect();
        let mut cache: SatCountCache<u64, RandomState> = SatCountCache::default();
        let theirs = self.proper(&both.1).sat_count(BITS, &mut cache);
        (self.diagram.count(both.0, &weights, &|leaf| leaf == 1), f64::from(u32::try_from(theirs).expect("at most 2 to the 14th")))
    }
}

fn any(never: &BDDFunction, parts: impl Iterator<Item = BDDFunction>) -> BDDFunction {
    parts.fold(never.clone(), |all, part| all.or(&part).expect("there is room"))
}

#[test]
fn the_diagram_agrees_with_another() {
    let mut counted = 0;
    for seed in 1..=60 {
        let (mut dice, mut world) = (Dice::new(seed), World::new());
        let mut pool: Vec<Both> = Vec::new();
        for (level, arity) in ARITY.iter().enumerate() {
            for _ in 0..2 {
                let values: Vec<usize> = (0..*arity).filter(|_| dice.chance(50)).collect();
                pool.push(world.test(level, &values));
            }
        }
        for _ in 0..120 {
            let (a, b) = (dice.pick(&pool).clone(), dice.pick(&pool).clone());
            let joined = world.join(&mut dice, &a, &b);
            pool.push(if dice.chance(20) { world.not(&joined) } else { joined });
        }
        let proper: Vec<BDDFunction> = pool.iter().map(|both| world.proper(&both.1)).collect();
        for (position, both) in pool.iter().enumerate() {
            let (ours, theirs) = world.counts(both);
            assert!((ours - theirs).abs() < 0.5, "seed {seed}: {ours} and {theirs}");
            counted += usize::from(ours > 0.0);
            for other in 0..position {
                assert_eq!(both.0 == pool[other].0, proper[position] == proper[other], "seed {seed}: {other} and {position}");
            }
        }
    }
    assert!(counted > 3_000, "only {counted} functions hold anywhere");
}
