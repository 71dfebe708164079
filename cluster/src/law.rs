// SPDX-License-Identifier: Apache-2.0
//! Whether the law that a saved plan was made under is still the law that this command knows.

use comity_border::Plan;
use comity_law::Library;
use jiff::civil::Date;

/// What has changed since the plan was made; empty where nothing has.
pub fn changed(plan: &Plan, today: Date) -> Vec<String> {
    let (library, _) = Library::read_without_cases(comity_law::library::embedded().iter().copied());
    let mut changed = Vec::new();
    if plan.known_on < today {
        changed.push(format!("it was made with what was known on {}, and today is {today}", plan.known_on));
    }
    for law in &plan.laws {
        match library.instrument(&law.instrument) {
            None => changed.push(format!("this command knows no instrument `{}`", law.instrument)),
            Some(instrument) if library.digest(instrument) != law.digest => {
                changed.push(format!("this command has another text of `{}`", law.instrument));
            }
            Some(_) => {}
        }
    }
    changed
}
