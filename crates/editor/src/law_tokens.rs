// SPDX-License-Identifier: Apache-2.0
//! The tokens before a place in an instrument, and what they let follow.

use crate::flow_keys::recipient_path;
use crate::law_place::Expect;
use crate::law_words::{self as words, in_list, item_key};
use comity_law::lexer::TokenKind;
use comity_terms::{KeyKind, Scheme, vocabulary};

/// A token with its text.
pub(crate) type Tok<'a> = (TokenKind, &'a str);

/// What an opening brace or parenthesis holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Root,
    Instrument,
    Body,
    Reading,
    Facts,
    Recipient,
    Set,
    Conditions,
    Permits,
    Group,
}

/// Words after which a head is not a head but a name or a condition.
const NOT_AT_AN_END: &[&str] = &[
    "when", "unless", "needs", "and", "or", "not", "is", "in", "by", "to", "has", "meets", "within", "outside", "of", "on", "unknown",
    "asks", "missing", "owes", "spares", "adopt", "omit", "replace", "case", "reading", "relates", "kind", "duty", "right", "define",
];

fn kind_of(path: &str) -> Option<KeyKind> {
    let words = vocabulary();
    words.key(path).and_then(|id| words.key_at(id)).map(|key| key.kind)
}

fn scheme_of(path: &str) -> Option<Scheme> {
    match kind_of(path)? {
        KeyKind::One(scheme) | KeyKind::Many(scheme) => Some(scheme),
        _ => None,
    }
}

/// The tokens before a place.
#[derive(Clone, Copy)]
pub(crate) struct Tokens<'a>(pub(crate) &'a [Tok<'a>]);

/// The last frame that is open, where it opened, and where the item around it begins.
struct Scan {
    frame: Frame,
    opened: usize,
    head: Option<usize>,
}

impl<'a> Tokens<'a> {
    fn kind(self, back: usize) -> Option<TokenKind> {
        self.0.len().checked_sub(back).and_then(|index| self.0.get(index)).map(|(kind, _)| *kind)
    }

    /// The word so many tokens back, counted from 1; empty where another token stands.
    fn word(self, back: usize) -> &'a str {
        match self.0.len().checked_sub(back).and_then(|index| self.0.get(index)) {
            Some((TokenKind::Word, word)) => word,
            _ => "",
        }
    }

    fn at(self, index: usize) -> &'a str {
        self.0.get(index).map_or("", |(_, word)| *word)
    }

    fn until(self, end: usize) -> Self {
        Self(self.0.get(..end).unwrap_or_default())
    }

    fn scan(self) -> Scan {
        let mut open: Vec<(Frame, usize)> = vec![(Frame::Root, 0)];
        let mut head = None;
        for (index, (kind, word)) in self.0.iter().enumerate() {
            let before = self.until(index);
            let frame = open.last().map_or(Frame::Root, |(frame, _)| *frame);
            match kind {
                TokenKind::Open => open.push((before.brace(frame, head), index)),
                TokenKind::OpenRound => {
                    let listed = before.word(1) == "of" && matches!(before.word(2), "any" | "none" | "all");
                    open.push((if listed { Frame::Permits } else { Frame::Group }, index));
                }
                TokenKind::Close | TokenKind::CloseRound if open.len() > 1 => {
                    open.pop();
                }
                TokenKind::Word if frame == Frame::Instrument && before.begins(word, head.map_or("", |at| self.at(at))) => {
                    head = Some(index)
                }
                _ => {}
            }
        }
        let (frame, opened) = open.last().copied().unwrap_or((Frame::Root, 0));
        Scan { frame, opened, head }
    }

    /// Whether a word after these tokens begins an item.
    fn begins(self, word: &str, head: &str) -> bool {
        let naming = in_list(words::HEADS, self.word(1)) && !NOT_AT_AN_END.contains(&self.word(2));
        // Behind a key, `outside` is an operator.
        let operator = word == "outside" && self.is_key(1);
        if naming || operator || NOT_AT_AN_END.contains(&self.word(1)) || self.kind(1) == Some(TokenKind::Comma) {
            return false;
        }
        let header = matches!(word, "kind" | "of" | "authority" | "relates");
        let in_header = head.is_empty() || matches!(head, "kind" | "of" | "authority" | "relates");
        in_list(words::HEADS, word) || in_list(words::ITEMS, word) || (header && in_header)
    }

    /// What a brace after these tokens opens.
    fn brace(self, frame: Frame, head: Option<usize>) -> Frame {
        let (one, two) = (self.word(1), self.word(2));
        match frame {
            Frame::Root => return Frame::Instrument,
            Frame::Facts if self.kind(1) == Some(TokenKind::Compare) => return Frame::Set,
            Frame::Facts if one == "onward" => return Frame::Recipient,
            Frame::Recipient => return Frame::Set,
            _ => {}
        }
        if one == "of" && matches!(two, "all" | "any" | "none") {
            return Frame::Conditions;
        }
        if one == "base" {
            return Frame::Facts;
        }
        if self.kind(1) == Some(TokenKind::Text) && frame == Frame::Instrument {
            if two == "case" {
                return Frame::Facts;
            }
            if self.word(3) == "reading" {
                return Frame::Reading;
            }
        }
        let named = head.is_some_and(|head| head + 2 == self.0.len());
        let operator = matches!(one, "in" | "is" | "not" | "outside" | "meets" | "has" | "within" | "of") || item_key(one).is_some();
        if operator && !named { Frame::Set } else { Frame::Body }
    }

    /// The scheme of the terms that may follow these tokens.
    fn operand(self, frame: Frame) -> Option<Scheme> {
        let one = self.word(1);
        if self.kind(1) == Some(TokenKind::Compare) {
            return match frame {
                Frame::Recipient => scheme_of(&recipient_path(self.word(2))),
                _ => scheme_of(self.word(2)),
            };
        }
        match one {
            "is" | "in" | "outside" | "meets" | "has" | "within" => scheme_of(self.word(2)),
            "not" if self.word(2) == "is" => match kind_of(self.word(3))? {
                KeyKind::One(scheme) => Some(scheme),
                _ => None,
            },
            "of" if self.word(2) == "count" => Some(Scheme::Category),
            "of" if self.word(3) == "least" => scheme_of(self.word(6)),
            "of" => Some(Scheme::Place),
            _ => scheme_of(item_key(one)?),
        }
    }

    /// What may follow.
    pub(crate) fn expects(self) -> Vec<Expect> {
        let scan = self.scan();
        let first = matches!(self.kind(1), Some(TokenKind::Open | TokenKind::OpenRound | TokenKind::Comma));
        match scan.frame {
            Frame::Root => self.root(),
            Frame::Reading if self.word(1) == "option" => vec![Expect::Declared],
            Frame::Reading => vec![Expect::Word(&[("option", "an answer that is defended"), ("cite", "who reads it so")])],
            Frame::Set => {
                let around = self.until(scan.opened).scan().frame;
                let Some(scheme) = self.until(scan.opened).operand(around) else { return Vec::new() };
                match self.word(1) {
                    "recognized" => vec![Expect::Word(&[("by", "the party that recognizes them")])],
                    "by" if self.word(2) == "recognized" => vec![Expect::Term(Scheme::Place)],
                    _ if first && around == Frame::Facts => vec![Expect::Term(scheme)],
                    _ if first => vec![Expect::Set(scheme)],
                    _ if around == Frame::Facts => vec![Expect::Word(&[("on", "the day it is from")])],
                    _ => Vec::new(),
                }
            }
            Frame::Permits => {
                if first {
                    vec![Expect::Permit]
                } else {
                    Vec::new()
                }
            }
            Frame::Conditions | Frame::Group if first => condition_start(),
            Frame::Conditions | Frame::Group => {
                self.condition().unwrap_or_else(|| [self.recognized_as(), vec![Expect::Word(words::JOINS)]].concat())
            }
            Frame::Facts => self.fact(),
            Frame::Recipient => self.recipient(),
            Frame::Instrument | Frame::Body => self.item(&scan),
        }
    }

    fn root(self) -> Vec<Expect> {
        match self.word(1) {
            "instrument" => vec![Expect::Declared],
            "adapts" => vec![Expect::Instrument],
            _ if self.kind(1) == Some(TokenKind::Text) => vec![Expect::Word(&[("adapts", "the model that it adapts")])],
            _ if self.word(2) == "instrument" => Vec::new(),
            _ => vec![Expect::Word(&[("instrument", "a law, treaty, decision or set of clauses")])],
        }
    }

    fn fact(self) -> Vec<Expect> {
        let one = self.word(1);
        if self.kind(1) == Some(TokenKind::Compare) {
            return match kind_of(self.word(2)) {
                Some(KeyKind::Flag) => vec![Expect::Word(&[("true", "yes"), ("false", "no")])],
                Some(KeyKind::One(scheme) | KeyKind::Many(scheme)) => vec![Expect::Term(scheme)],
                _ => Vec::new(),
            };
        }
        match one {
            "on" | "known" => Vec::new(),
            "unknown" => vec![Expect::Key],
            "reading" => vec![Expect::Reading],
            "is" if self.word(3) == "reading" => vec![Expect::Choice(self.word(2).to_owned())],
            "count" => vec![Expect::Word(&[("of", "the categories counted")])],
            "of" if self.word(2) == "count" => vec![Expect::Set(Scheme::Category)],
            "in" => vec![Expect::Term(Scheme::Unit)],
            _ if self.word(2) == "reading" => vec![Expect::Word(&[("is", "the option")])],
            _ if self.counted(1) => vec![Expect::Word(&[("in", "what is counted")])],
            _ if self.is_key(1) && self.word(2) != "unknown" && self.kind(2) != Some(TokenKind::Compare) => Vec::new(),
            _ => vec![Expect::Key, Expect::Word(words::FACTS)],
        }
    }

    fn recipient(self) -> Vec<Expect> {
        if self.kind(1) != Some(TokenKind::Compare) {
            return if kind_of(&recipient_path(self.word(1))).is_some() { Vec::new() } else { vec![Expect::RecipientKey] };
        }
        match kind_of(&recipient_path(self.word(2))) {
            Some(KeyKind::Flag) => vec![Expect::Word(&[("true", "yes"), ("false", "no")])],
            Some(KeyKind::One(scheme) | KeyKind::Many(scheme)) => vec![Expect::Term(scheme)],
            _ => Vec::new(),
        }
    }

    fn is_key(self, back: usize) -> bool {
        kind_of(self.word(back)).is_some()
    }

    /// What may stand within a condition that has begun; `None` where it may be over.
    fn condition(self) -> Option<Vec<Expect>> {
        let (one, two, three) = (self.word(1), self.word(2), self.word(3));
        // Once `any of (…)` or a counter is closed, what stands before it tells what may follow.
        if matches!(self.kind(1), Some(TokenKind::CloseRound)) {
            return self.listed_permits(1).then(|| vec![Expect::Word(&[("is", "satisfied or open")])]);
        }
        let starts = matches!(one, "when" | "unless" | "needs" | "and" | "or") || (one == "not" && two != "is");
        if starts {
            return Some(condition_start());
        }
        Some(match one {
            "is" if self.kind(2) == Some(TokenKind::CloseRound) => {
                vec![Expect::Word(&[("satisfied", "its conditions and needs hold"), ("open", "acts and grants could satisfy it")])]
            }
            "is" if three == "reading" => vec![Expect::Choice(two.to_owned())],
            "is" => match kind_of(two)? {
                KeyKind::One(scheme) => vec![Expect::Set(scheme), Expect::Word(&[("not", "it is not")])],
                _ => vec![Expect::Word(&[("empty", "it has no member"), ("not empty", "it has a member")])],
            },
            "not" => match kind_of(three)? {
                KeyKind::One(scheme) => vec![Expect::Set(scheme)],
                _ => vec![Expect::Word(&[("empty", "it has no member")])],
            },
            "has" => vec![Expect::Set(self.operand(Frame::Body)?), Expect::Word(&[("at least", "a number of different members")])],
            "in" if self.counted(2) => vec![Expect::Term(Scheme::Unit)],
            "outside" | "meets" | "in" | "within" if self.is_key(2) => vec![Expect::Set(self.operand(Frame::Body)?)],
            "of" if two == "count" || three == "least" => vec![Expect::Set(self.operand(Frame::Body)?)],
            "all" | "any" | "none" => vec![Expect::Word(&[("of", "a list")])],
            "recognizes" => vec![Expect::Word(&[("importer", "the importer of this leg")])],
            "as" if two == "importer" => vec![Expect::Recognition],
            "reading" => vec![Expect::Reading],
            "count" => vec![Expect::Word(&[("of", "the categories counted")])],
            _ if two == "reading" => vec![Expect::Word(&[("is", "the option")])],
            _ if item_key(one).is_some() && self.opens_condition(2) => vec![Expect::Set(self.operand(Frame::Body)?)],
            _ if item_key(two).is_some() && self.opens_condition(3) => return None,
            _ if self.opens_condition(2) && vocabulary().find(Scheme::Place, one).is_some() => {
                vec![Expect::Word(&[("recognizes", "by a row of a table of recognitions")])]
            }
            _ if two == "in" && self.counted(3) => vec![Expect::Word(&[("over", "so many months")])],
            _ if self.kind(1) == Some(TokenKind::Number) && two == "over" => vec![Expect::Word(&[("months", "up to the day of the flow")])],
            _ if self.counted(1) => vec![Expect::Word(&[("in", "what is counted")])],
            _ => match kind_of(one) {
                Some(KeyKind::One(_)) if !self.is_value(1) => vec![Expect::Word(words::OPERATORS_OF_ONE)],
                Some(KeyKind::Many(_)) => vec![Expect::Word(words::OPERATORS_OF_MANY)],
                _ => return None,
            },
        })
    }

    /// Whether a set ends so many tokens back whose operator makes it an operand.
    fn is_value(self, back: usize) -> bool {
        matches!(self.word(back + 1), "is" | "in" | "outside" | "meets" | "has" | "within" | "of")
    }

    fn opens_condition(self, back: usize) -> bool {
        matches!(self.word(back), "when" | "unless" | "needs" | "and" | "or")
            || (self.word(back) == "not" && self.word(back + 1) != "is")
            || matches!(self.kind(back), Some(TokenKind::Open | TokenKind::OpenRound | TokenKind::Comma))
    }

    /// Where the brace or parenthesis that closes so many tokens back was opened.
    fn opening(self, back: usize) -> Option<usize> {
        let last = self.0.len().checked_sub(back)?;
        let mut depth = 0_usize;
        for (index, (kind, _)) in self.0.iter().enumerate().take(last + 1).rev() {
            match kind {
                TokenKind::Close | TokenKind::CloseRound => depth += 1,
                TokenKind::Open | TokenKind::OpenRound => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(index);
                    }
                }
                _ if depth == 0 => return None,
                _ => {}
            }
        }
        None
    }

    fn listed_permits(self, back: usize) -> bool {
        self.opening(back).is_some_and(|open| {
            let before = self.until(open);
            before.word(1) == "of" && matches!(before.word(2), "any" | "none")
        })
    }

    /// Whether the set of a counter, `count of …`, ends so many tokens back.
    fn counted(self, back: usize) -> bool {
        if self.kind(back) == Some(TokenKind::Close) {
            return self.opening(back).is_some_and(|open| self.until(open).word(1) == "of" && self.until(open).word(2) == "count");
        }
        self.kind(back) == Some(TokenKind::Word) && self.word(back + 1) == "of" && self.word(back + 2) == "count"
    }

    /// What may stand at the level of provisions or among the clauses of one.
    fn item(self, scan: &Scan) -> Vec<Expect> {
        let head = scan.head.map_or("", |head| self.at(head));
        let since = scan.head.map_or(0, |head| self.0.len() - head - 1);
        if scan.frame == Frame::Instrument {
            let outcome = head == "case" && self.0.iter().rev().take(since).any(|(kind, _)| *kind == TokenKind::Arrow);
            if outcome {
                return self.outcome();
            }
            if let Some(found) = self.of_head(head, since) {
                return found;
            }
        }
        if let Some(found) = self.condition() {
            return found;
        }
        self.goes_on(scan, head)
    }

    /// What the head of an item asks for right after it; `None` once it has it all.
    fn of_head(self, head: &str, since: usize) -> Option<Vec<Expect>> {
        let one = self.word(1);
        let naming = in_list(words::HEADS, head) || head == "reading";
        // `set clock NAME` names a clock of the model, whatever it looks like.
        if one == "clock" && self.word(2) == "set" {
            return Some(vec![Expect::Model]);
        }
        if naming && since == 0 {
            return Some(vec![Expect::Declared]);
        }
        let number = self.kind(1) == Some(TokenKind::Number);
        Some(match (head, one) {
            ("permit", _) if since == 1 => vec![Expect::Word(&[("by", "the mechanism")])],
            ("exception", _) if since == 1 => vec![Expect::Word(&[("to", "the provisions it is an exception to")])],
            ("duty", _) if since == 1 => vec![Expect::Word(&[("on", "who bears it")])],
            ("permit" | "require" | "forbid", "by") => vec![Expect::Term(Scheme::Mechanism)],
            ("exception", "to") => vec![Expect::Provision],
            ("exception", _) if self.in_names("to") => vec![Expect::Provision],
            ("duty", "on") if since == 2 => vec![Expect::Bearer],
            ("duty", "of") if self.word(2) != "count" && self.word(2) != "any" => vec![Expect::Trigger],
            ("duty" | "clock" | "set", _) if number && since <= 5 => vec![Expect::Word(words::PERIODS)],
            ("clock", "from") => vec![Expect::Trigger],
            ("clock", _) if since == 1 => vec![Expect::Word(WITHOUT_DELAY)],
            ("duty", "within") => vec![Expect::Word(WITHOUT_DELAY)],
            ("duty" | "clock" | "set", "without") => vec![Expect::Word(&[("undue delay", "no number in the text")])],
            ("duty" | "clock" | "set", "undue") => vec![Expect::Word(&[("delay", "no number in the text")])],
            ("duty", _) if self.ends_period() => vec![Expect::Word(&[("of", "what sets the clock going")])],
            ("clock", _) if self.ends_period() => vec![Expect::Word(&[("from", "what sets the clock going")])],
            ("adopt", "adopt") => vec![Expect::Model, Expect::Word(&[("all", "all that no other edit names")])],
            ("omit" | "replace", _) if since == 0 => vec![Expect::Model],
            ("adopt" | "omit", _) if self.kind(1) == Some(TokenKind::Comma) => vec![Expect::Model],
            ("replace", _) if since == 1 => vec![Expect::Word(&[("with", "the provision in its place")])],
            ("replace", "with") | ("add", "add") => vec![Expect::Word(words::HEADS)],
            ("set", "set") => vec![Expect::Word(&[("clock", "a clock of the model")])],
            ("kind", "kind") => vec![Expect::Word(words::KINDS)],
            ("of", "of") => vec![Expect::Set(Scheme::Place)],
            ("relates", "relates") => vec![Expect::Word(words::RELATIONS)],
            ("relates", _) if since == 1 => vec![Expect::Instrument],
            (_, "cite" | "note" | "authority" | "published" | "force" | "until") => Vec::new(),
            (_, "in") if !self.is_key(2) && !self.counted(2) => vec![Expect::Word(&[("force", "the days it holds")])],
            _ => return None,
        })
    }

    /// Whether these tokens end with a period.
    fn ends_period(self) -> bool {
        let unit = matches!(self.word(1), "hours" | "hour" | "days" | "day" | "weeks" | "week" | "months" | "month" | "years" | "year");
        let number = self.kind(2) == Some(TokenKind::Number) || self.word(2) == "working";
        (unit && number) || (self.word(1) == "delay" && self.word(2) == "undue")
    }

    /// Whether the place is behind a comma in a list of names that begins after `word`.
    fn in_names(self, word: &str) -> bool {
        self.kind(1) == Some(TokenKind::Comma)
            && self.0.iter().rev().take_while(|(kind, _)| matches!(kind, TokenKind::Word | TokenKind::Comma)).any(|(_, name)| *name == word)
    }

    fn outcome(self) -> Vec<Expect> {
        if self.kind(1) == Some(TokenKind::Arrow) {
            return vec![Expect::Word(words::VERDICTS)];
        }
        match self.word(1) {
            "by" => vec![Expect::Provision, Expect::Term(Scheme::Mechanism)],
            "missing" => vec![Expect::Key, Expect::Term(Scheme::Mechanism)],
            "asks" => vec![Expect::Key, Expect::Question],
            "owes" | "spares" => vec![Expect::Duty],
            "cite" => Vec::new(),
            _ => vec![Expect::Word(words::OUTCOMES), Expect::Word(words::ITEMS), Expect::Word(words::HEADS)],
        }
    }

    /// What a recognition may say behind `recognizes importer`.
    fn recognized_as(self) -> Vec<Expect> {
        let behind = self.word(1) == "importer" && self.word(2) == "recognizes";
        if behind { vec![Expect::Word(&[("as", "what it recognizes it as; without: adequacy")])] } else { Vec::new() }
    }

    /// What may follow where everything so far is complete.
    fn goes_on(self, scan: &Scan, head: &str) -> Vec<Expect> {
        let mut out = self.recognized_as();
        if self.kind(1) == Some(TokenKind::Date) && self.word(2) == "force" {
            out.push(Expect::Word(&[("until", "the first day on which it no longer holds")]));
        }
        let start = scan.head.map_or(0, |head| head + 1).max(if scan.frame == Frame::Body { scan.opened } else { 0 });
        let item = self.0.get(start..).unwrap_or_default();
        let clauses = item.iter().any(|(kind, word)| *kind == TokenKind::Word && in_list(words::CLAUSES, word));
        if clauses {
            out.push(Expect::Word(words::JOINS));
            let set_of_item = match self.kind(1) {
                Some(TokenKind::Close) => self.opening(1).is_some_and(|open| item_key(self.until(open).word(1)).is_some()),
                _ => item_key(self.word(2)).is_some(),
            };
            if set_of_item {
                out.push(Expect::Word(words::AGES));
            }
        }
        let provision = in_list(words::HEADS, head) || matches!(head, "replace" | "add" | "set");
        if provision {
            out.push(Expect::Word(words::CLAUSES));
            out.push(Expect::Word(words::ATTRIBUTES));
        }
        if matches!(head, "require" | "forbid") && !clauses {
            out.push(Expect::Word(&[("by", "the mechanism it amounts to")]));
        }
        if head == "duty" {
            out.push(Expect::Word(&[("within", "the period of its clock")]));
        }
        if scan.frame == Frame::Instrument {
            out.push(Expect::Word(words::HEADS));
            out.push(Expect::Word(words::ITEMS));
            if !provision {
                out.push(Expect::Word(words::HEADERS));
            }
        }
        out
    }
}

/// A period without a number.
const WITHOUT_DELAY: &[(&str, &str)] = &[("without undue delay", "no number in the text")];

fn condition_start() -> Vec<Expect> {
    vec![Expect::Definition, Expect::Key, Expect::Word(words::CONDITIONS), Expect::Recognizer, Expect::Instrument]
}
