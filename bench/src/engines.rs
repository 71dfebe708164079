// SPDX-License-Identifier: Apache-2.0
//! The engines, each behind a closure that answers the flow at a position.
//!
//! What an engine wants prepared (rules parsed, requests built) is prepared before the clock runs; a row that includes the
//! building of its request says so. A faster path of Comity is one more row.

use crate::workload::{DAY, Workload};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use comity_flow::Flow;
use comity_judge::bulk::Bulk;
use comity_judge::{Judge, Judgment, Options, Truth, Verdict, judge, verdicts};
use comity_law::Library;
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// An engine with the rules of one workload.
pub struct Row<'w> {
    /// What is called, as the table shows it.
    pub name: &'static str,
    /// How long reading the rules took.
    pub load: Duration,
    /// What is called for an answer.
    pub answer: Answer<'w>,
}

/// How an engine is asked.
pub enum Answer<'w> {
    /// Whether the flow at a position may go ahead.
    One(Box<dyn FnMut(usize) -> bool + 'w>),
    /// The same of all flows, in one call.
    All(Box<dyn FnMut() -> Vec<bool> + 'w>),
}

impl Row<'_> {
    /// The answer for every flow.
    pub fn answers(&mut self, flows: usize) -> Vec<bool> {
        match &mut self.answer {
            Answer::One(answer) => (0..flows).map(answer).collect(),
            Answer::All(answers) => answers(),
        }
    }
}

fn one<'w>(answer: impl FnMut(usize) -> bool + 'w) -> Answer<'w> {
    Answer::One(Box::new(answer))
}

type Rows<'w> = Result<Vec<Row<'w>>, Box<dyn Error>>;

/// Every row of the table.
pub fn rows(workload: &Workload) -> Rows<'_> {
    let mut all = cedar(workload)?;
    all.extend(regorus(workload)?);
    all.extend(comity(workload)?);
    Ok(all)
}

fn cedar(workload: &Workload) -> Rows<'_> {
    let text = workload.cedar();
    let start = Instant::now();
    let policies = PolicySet::from_str(&text)?;
    let load = start.elapsed();
    let who = EntityUid::from_str("Party::\"exporter\"")?;
    let what = EntityUid::from_str("Action::\"transfer\"")?;
    let build = move |json: serde_json::Value| -> Result<Request, Box<dyn Error>> {
        let context = Context::from_json_value(json, None)?;
        Ok(Request::new(who.clone(), what.clone(), who.clone(), context, None)?)
    };
    let bodies: Vec<serde_json::Value> = workload.flows.iter().map(|facts| workload.json(facts)).collect();
    let requests = bodies.iter().cloned().map(&build).collect::<Result<Vec<_>, _>>()?;
    let (policies, authorizer, entities) = (Rc::new(policies), Rc::new(Authorizer::new()), Rc::new(Entities::empty()));
    let decide = {
        let (policies, authorizer, entities) = (Rc::clone(&policies), Rc::clone(&authorizer), Rc::clone(&entities));
        move |request: &Request| authorizer.is_authorized(request, &policies, &entities).decision() == Decision::Allow
    };
    let again = decide.clone();
    Ok(vec![
        Row { name: "Cedar: decision, request built before", load, answer: one(move |at| decide(&requests[at])) },
        Row {
            name: "Cedar: request from JSON and decision",
            load,
            answer: one(move |at| build(bodies[at].clone()).is_ok_and(|request| again(&request))),
        },
    ])
}

fn regorus(workload: &Workload) -> Rows<'_> {
    let modules = workload.rego();
    let start = Instant::now();
    let mut engine = regorus::Engine::new();
    for (number, module) in modules.into_iter().enumerate() {
        engine.add_policy(format!("bench-{number}.rego"), module)?;
    }
    let compiled = engine.compile_with_entrypoint(&"data.bench.allow".into())?;
    let load = start.elapsed();
    let inputs: Vec<regorus::Value> =
        workload.flows.iter().map(|facts| regorus::Value::from_json_str(&workload.json(facts).to_string())).collect::<Result<_, _>>()?;
    let again = inputs.clone();
    let yes = |value| value == regorus::Value::from(true);
    Ok(vec![
        Row {
            name: "regorus: engine, input parsed before",
            load,
            answer: one(move |at| {
                engine.set_input(inputs[at].clone());
                engine.eval_rule("data.bench.allow".to_owned()).is_ok_and(yes)
            }),
        },
        Row {
            name: "regorus: compiled policy, input parsed before",
            load,
            answer: one(move |at| compiled.eval_with_input(again[at].clone()).is_ok_and(yes)),
        },
    ])
}

fn comity(workload: &Workload) -> Rows<'_> {
    let text = workload.law();
    let start = Instant::now();
    let (library, problems) = Library::read([("bench.law".to_owned(), text)]);
    let load = start.elapsed();
    if let Some(problem) = problems.first() {
        return Err(problem.message.clone().into());
    }
    // What is made ready borrows both, and lives as long as the rows: until the program ends.
    let library: &'static Library = Box::leak(Box::new(library));
    let flows: &'static [Flow] = Box::leak(workload.flows.iter().map(|facts| workload.flow(facts)).collect::<Vec<_>>().into());
    // The only instrument that there is; a flow that asks for instruments of its own would be judged by itself.
    let only = Options { under: vec!["bench.transfer".to_owned()], ..Options::today(DAY) };

    let start = Instant::now();
    let mut bulk = Bulk::new(library, &only)?;
    let all = bulk.rows(flows);
    let singly: Vec<_> = flows.iter().map(|flow| bulk.rows(std::slice::from_ref(flow))).collect();
    let ready = load + start.elapsed();
    let bulk = Rc::new(RefCell::new(bulk));
    let bulk_2 = Rc::clone(&bulk);
    let mut judge_2 = Judge::new(library, &only);
    let may = |judgment: &Judgment| judgment.verdict() == Some(Verdict::Permitted);
    Ok(vec![
        Row {
            name: "Comity: all flows in one call, coded before (`Bulk::lawful`), each",
            load: ready,
            answer: Answer::All(Box::new(move || bulk.borrow_mut().lawful(&all).into_iter().map(|truth| truth == Truth::True).collect())),
        },
        Row {
            name: "Comity: one flow, coded before (`Bulk::lawful`)",
            load: ready,
            answer: one(move |at| bulk_2.borrow_mut().lawful(&singly[at]).first() == Some(&Truth::True)),
        },
        Row {
            name: "Comity: one flow, compiled before (`Judge::judge`), full derivation",
            load,
            answer: one(move |at| judge_2.judge(&flows[at]).is_ok_and(|judgment| may(&judgment))),
        },
        Row {
            name: "Comity: nothing compiled before (`verdicts`)",
            load,
            answer: one(move |at| {
                let Some(instrument) = library.instrument("bench.transfer") else { return false };
                verdicts(library, instrument, &flows[at], &Options::today(DAY)).0.decided() == Some(Verdict::Permitted)
            }),
        },
        Row {
            name: "Comity: nothing compiled before (`judge`), full derivation",
            load,
            answer: one(move |at| judge(library, &flows[at], &Options::today(DAY)).is_ok_and(|judgment| may(&judgment))),
        },
    ])
}
