// SPDX-License-Identifier: Apache-2.0
//! Instruments as the parser leaves them: keys and terms are looked up, names of provisions are not yet.

use crate::diagnostic::{SourceId, Span};
use comity_terms::{Bits, KeyId, Scheme, Term, Vocabulary};
use jiff::civil::Date;

/// A name with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The days on which something is in force: from the first day, until the first day without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The first day.
    pub from: Date,
    /// The first day on which it no longer is.
    pub until: Option<Date>,
}

impl InForce {
    /// Whether it is in force on the day.
    #[must_use]
    pub fn on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// Whether some day is in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| self.from < until)
    }
}

/// Whether a point was seen in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceStatus {
    /// Seen in the named source.
    Verified,
    /// Written from memory; to be checked.
    Recalled,
}

/// What kind of text an instrument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A statute or regulation: it governs flows.
    Law,
    /// A treaty.
    Treaty,
    /// A set of model clauses or binding rules that others refer to.
    Clauses,
    /// A guideline that others refer to.
    Guidance,
    /// Rules without a territory: a model law, a scheme, an example.
    Rules,
}

impl Kind {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Treaty => "treaty",
            Self::Clauses => "clauses",
            Self::Guidance => "guidance",
            Self::Rules => "rules",
        }
    }
}

/// A set of terms of one scheme: terms with all that lies below them, and groups of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermSet {
    /// The scheme of the members.
    pub scheme: Scheme,
    /// The terms as written.
    pub terms: Vec<Term>,
    /// The groups as written, without the `@`.
    pub groups: Vec<String>,
    /// Parties whose unconditional recognitions of adequacy add places: `recognized by EU`.
    pub recognized_by: Vec<Term>,
    /// Where it stands.
    pub span: Span,
}

impl TermSet {
    /// The members on a day, with all that lies below them; places recognized by a party are for the library to add.
    #[must_use]
    pub fn on(&self, words: &Vocabulary, day: Date) -> Bits {
        let named = self.terms.iter().fold(Bits::EMPTY, |set, term| set.or(&words.below(*term)));
        self.groups.iter().fold(named, |set, group| set.or(&words.members(group, day).unwrap_or_default()))
    }
}

/// A length of time as a law words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Hours, running on through holidays.
    Hours(u32),
    /// Calendar days.
    Days(u32),
    /// Working days.
    WorkingDays(u32),
    /// Calendar weeks.
    Weeks(u32),
    /// Calendar months.
    Months(u32),
    /// Calendar years.
    Years(u32),
    /// Without undue delay, at once, in good time: no number in the text.
    WithoutDelay,
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// At least.
    AtLeast,
    /// More than.
    MoreThan,
    /// Less than.
    LessThan,
    /// At most.
    AtMost,
    /// Exactly.
    Equal,
}

/// The demand on the day of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Dated before the day.
    Before(Date),
    /// Dated on the day or later.
    From(Date),
    /// Dated so long before the flow.
    AtLeast(Period),
    /// Not older than this on the day of the flow.
    Within(Period),
}

/// Which way the state of mechanisms is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// One of them at least.
    Any,
    /// Not one of them.
    None,
}

/// A state of a mechanism that another provision asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MechanismState {
    /// Its conditions and needs hold.
    Satisfied,
    /// Its conditions on given facts hold, so that acts and grants could satisfy it.
    Open,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it asks.
    pub kind: ConditionKind,
    /// Where it stands.
    pub span: Span,
}

/// What a condition asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionKind {
    /// All of them hold. Empty: `always`.
    All(Vec<Condition>),
    /// One of them holds. Empty: `never`.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A flag is true.
    Flag(KeyId),
    /// A single value is in the set.
    In(KeyId, TermSet),
    /// A set value shares a member with the set.
    Meets(KeyId, TermSet),
    /// A set value lies in the set.
    Within(KeyId, TermSet),
    /// A set value has no member.
    Empty(KeyId),
    /// A set value has that many distinct members of the set.
    Several(KeyId, u32, TermSet),
    /// A number compares.
    Compare(KeyId, Comparison, u64),
    /// A finer counter compares.
    Counter(Counter),
    /// One of the items is in place, with a day that fits.
    Item(KeyId, TermSet, Option<Age>),
    /// A definition of the same instrument.
    Definition(Name),
    /// Another instrument is satisfied.
    Instrument(Name),
    /// A party recognizes the importer.
    Recognition(Term, String),
    /// The state of mechanisms of the same instrument.
    Mechanisms(Quantity, Vec<Name>, MechanismState),
    /// A competing reading is chosen.
    Reading(Name, Name),
}

/// A finer counter: persons or devices with data of some categories over a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// The categories counted.
    pub of: TermSet,
    /// Persons or devices.
    pub unit: Term,
    /// The window in months, up to the day of the flow.
    pub months: u32,
    /// How it compares.
    pub comparison: Comparison,
    /// With what.
    pub value: u64,
}

/// What a clause does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseKind {
    /// The provision holds only where the condition does.
    When,
    /// An exception without a name.
    Unless,
    /// What must be in place.
    Needs,
}

/// One clause of a provision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What it does.
    pub kind: ClauseKind,
    /// Its condition.
    pub condition: Condition,
    /// Its own citations.
    pub cites: Vec<String>,
    /// Its own remark.
    pub note: Option<String>,
}

/// What a provision does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The instrument governs the flow.
    Applies,
    /// The flow is outside its scope.
    Outside,
    /// The flow is restricted.
    Restrict,
    /// A mechanism carries a restricted flow.
    Permit(Term),
    /// A condition beside every mechanism, with the mechanism it amounts to.
    Require(Option<Term>),
    /// A block that no mechanism lifts, with the mechanism that its lifting amounts to.
    Forbid(Option<Term>),
    /// The instrument orders the flow.
    Oblige,
    /// An exception to the named provisions.
    Exception(Vec<Name>),
    /// What satisfies a reference to this instrument.
    Serves,
    /// A named condition.
    Define,
    /// The rules follow the data to later recipients.
    Onward,
    /// A duty with its bearer and, where it has a clock, period and trigger.
    Duty(String, Option<(Period, String)>),
    /// A right of persons.
    Right,
    /// A clock: period and trigger.
    Clock(Period, String),
    /// A penalty, in words.
    Penalty(String),
}

impl Effect {
    /// The keyword of the language.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Applies => "applies",
            Self::Outside => "outside",
            Self::Restrict => "restrict",
            Self::Permit(_) => "permit",
            Self::Require(_) => "require",
            Self::Forbid(_) => "forbid",
            Self::Oblige => "oblige",
            Self::Exception(_) => "exception",
            Self::Serves => "serves",
            Self::Define => "define",
            Self::Onward => "onward",
            Self::Duty(..) => "duty",
            Self::Right => "right",
            Self::Clock(..) => "clock",
            Self::Penalty(_) => "penalty",
        }
    }
}

/// The citable unit of an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provision {
    /// Its name in the instrument.
    pub id: Name,
    /// What it does.
    pub effect: Effect,
    /// Where the text says it.
    pub cites: Vec<String>,
    /// Its source status, where it differs from the instrument's.
    pub status: Option<SourceStatus>,
    /// Its days in force, where narrower than the instrument's.
    pub in_force: Option<InForce>,
    /// The day from which the world could know it, where later than the instrument's.
    pub published: Option<Date>,
    /// A plain-language remark.
    pub note: Option<String>,
    /// Its clauses.
    pub clauses: Vec<Clause>,
    /// The source it stands in: an adopted provision stands in the model's.
    pub source: SourceId,
    /// The whole provision in the source.
    pub span: Span,
}

/// One way to read a provision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingOption {
    /// Its name.
    pub id: Name,
    /// What it says.
    pub text: String,
    /// Who reads it so.
    pub cites: Vec<String>,
}

/// Competing readings of one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its name.
    pub id: Name,
    /// The question.
    pub question: String,
    /// The answers that are defended.
    pub options: Vec<ReadingOption>,
}

/// A declared relation to another instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// `adapts`, `implements`, `refers-to`, `recognizes`, `without-prejudice-to` or `prevails-over`.
    pub kind: String,
    /// The other instrument.
    pub to: Name,
    /// Where it is said.
    pub cites: Vec<String>,
}

/// A value in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Count(u64),
    /// Terms, each with its day where one is given.
    Terms(Vec<(Term, Option<Date>)>),
    /// The fact of the base is taken away.
    Unknown,
}

/// One fact of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseFact {
    /// A key has a value.
    Value(KeyId, CaseValue),
    /// A finer counter is exactly so much.
    Counter(TermSet, Term, u64),
    /// A later recipient with its own facts (`importer.*`, contracts and measures).
    Onward(Vec<(KeyId, CaseValue)>),
}

/// An outcome that a case expects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The verdict.
    pub verdict: String,
    /// The mechanism.
    pub by: Option<String>,
    /// The beginning of a missing step.
    pub missing: Option<String>,
    /// A question.
    pub asks: Option<String>,
    /// A citation that the finding shows.
    pub cite: Option<String>,
    /// A duty that the flow brings.
    pub owes: Vec<String>,
    /// A duty that it does not bring.
    pub spares: Vec<String>,
}

/// A case inside an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its title.
    pub title: String,
    /// The day of the flow.
    pub on: Option<Date>,
    /// The day of the knowledge.
    pub known: Option<Date>,
    /// Fixed readings.
    pub readings: Vec<(Name, Name)>,
    /// Its facts, beside those of the base.
    pub facts: Vec<CaseFact>,
    /// What must come out.
    pub expected: Expectation,
    /// Where it stands.
    pub span: Span,
}

/// An edit of an adaptation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Take provisions of the model as they are; empty: all that no other edit names.
    Adopt(Vec<Name>),
    /// Leave provisions of the model out.
    Omit(Vec<Name>),
    /// Put another provision in the place of one.
    Replace(Name, Box<Provision>),
    /// Add a provision.
    Add(Box<Provision>),
    /// Set the period of a clock.
    SetClock(Name, Period, Vec<String>),
}

/// An instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// Its fixed id.
    pub id: Name,
    /// Its short title.
    pub title: String,
    /// The model it adapts.
    pub adapts: Option<Name>,
    /// What kind of text it is.
    pub kind: Kind,
    /// Its official citation.
    pub cites: Vec<String>,
    /// The places whose law it is.
    pub of: Option<TermSet>,
    /// Who supervises it.
    pub authority: Option<String>,
    /// Its days in force.
    pub in_force: Option<InForce>,
    /// The day from which the world could know it.
    pub published: Option<Date>,
    /// The source status of provisions that do not say.
    pub status: Option<SourceStatus>,
    /// Plain-language remarks.
    pub notes: Vec<String>,
    /// Declared relations.
    pub relations: Vec<Relation>,
    /// Its provisions in file order.
    pub provisions: Vec<Provision>,
    /// Its competing readings.
    pub readings: Vec<Reading>,
    /// The facts that its cases share.
    pub base: Vec<CaseFact>,
    /// Its cases.
    pub cases: Vec<Case>,
    /// Its edits, where it adapts a model.
    pub edits: Vec<Edit>,
    /// The source it stands in.
    pub source: SourceId,
    /// The whole instrument in the source.
    pub span: Span,
}

impl Instrument {
    /// The days on which a provision is in force; `None` where neither it nor the instrument ever says a day.
    #[must_use]
    pub fn force_of(&self, provision: &Provision) -> Option<InForce> {
        provision.in_force.or(self.in_force)
    }

    /// Whether a provision is in force on a day and published by the day of knowledge.
    #[must_use]
    pub fn holds(&self, provision: &Provision, day: Date, known: Date) -> bool {
        let force = self.force_of(provision);
        let published = provision.published.or(self.published).or(force.map(|force| force.from));
        force.is_none_or(|force| force.on(day)) && published.is_none_or(|published| published <= known)
    }

    /// Whether the instrument is in force on a day and published by the day of knowledge.
    #[must_use]
    pub fn in_force_on(&self, day: Date, known: Date) -> bool {
        let published = self.published.or(self.in_force.map(|force| force.from));
        self.in_force.is_none_or(|force| force.on(day)) && published.is_none_or(|published| published <= known)
    }

    /// The source status of a provision.
    #[must_use]
    pub fn status_of(&self, provision: &Provision) -> SourceStatus {
        provision.status.or(self.status).unwrap_or(SourceStatus::Recalled)
    }

    /// The first provision with this id.
    #[must_use]
    pub fn provision(&self, id: &str) -> Option<&Provision> {
        self.provisions.iter().find(|provision| provision.id.text == id)
    }
}
