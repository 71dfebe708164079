// SPDX-License-Identifier: Apache-2.0
//! A cursor over the tokens, with the small reading steps that all parts of the parser share.

use crate::ast::{Name, Period, TermSet};
use crate::diagnostic::{Diagnostic, SourceId, Span};
use crate::lexer::{ITEMS, Token, TokenKind, tokens};
use comity_terms::{Scheme, Term, Vocabulary, vocabulary};
use jiff::civil::Date;

pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) source: SourceId,
    pub(super) words: &'static Vocabulary,
    tokens: Vec<Token>,
    position: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many conditions are open, one inside another.
    pub(super) depth: usize,
    /// How many braces are open.
    pub(super) braces: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, source: SourceId) -> Self {
        Self::over(tokens(text), text, source)
    }

    pub(super) fn over(tokens: Vec<Token>, text: &'a str, source: SourceId) -> Self {
        let tokens = tokens.into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
        Self { text, source, words: vocabulary(), tokens, position: 0, diagnostics: Vec::new(), depth: 0, braces: 0 }
    }

    pub(super) fn peek(&self) -> Token {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Token {
        let end = Span { start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.position + ahead).copied().unwrap_or(Token { kind: TokenKind::End, span: end })
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        match token.kind {
            TokenKind::End => return token,
            TokenKind::Open => self.braces += 1,
            TokenKind::Close => self.braces = self.braces.saturating_sub(1),
            _ => {}
        }
        self.position += 1;
        token
    }

    pub(super) fn at_end(&self) -> bool {
        self.peek().kind == TokenKind::End
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// The span of the token just read.
    pub(super) fn last_span(&self) -> Span {
        self.position.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(Span::default(), |token| token.span)
    }

    pub(super) fn word(&self) -> &'a str {
        self.word_at(0)
    }

    pub(super) fn word_at(&self, ahead: usize) -> &'a str {
        let token = self.peek_at(ahead);
        if token.kind == TokenKind::Word { self.slice(token.span) } else { "" }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.word() == word
    }

    pub(super) fn is(&self, kind: TokenKind) -> bool {
        self.peek().kind == kind
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.is(kind);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports that something else was expected here.
    pub(super) fn expected(&mut self, what: &str) {
        let token = self.peek();
        let found = match token.kind {
            TokenKind::End => "the end of the text".to_owned(),
            _ => format!("`{}`", self.slice(token.span)),
        };
        self.report(Diagnostic::error("syntax", self.source, token.span, format!("expected {what}, found {found}")));
    }

    pub(super) fn want(&mut self, kind: TokenKind, what: &str) -> Option<Token> {
        if self.is(kind) {
            Some(self.next())
        } else {
            self.expected(what);
            None
        }
    }

    pub(super) fn want_word(&mut self, word: &str) -> Option<()> {
        if self.eat_word(word) {
            Some(())
        } else {
            self.expected(&format!("`{word}`"));
            None
        }
    }

    pub(super) fn name(&mut self, what: &str) -> Option<Name> {
        let token = self.want(TokenKind::Word, what)?;
        Some(Name { text: self.slice(token.span).to_owned(), span: token.span })
    }

    /// One name, or several with commas between them.
    pub(super) fn names(&mut self, what: &str) -> Option<Vec<Name>> {
        let mut names = vec![self.name(what)?];
        while self.eat(TokenKind::Comma) {
            names.push(self.name(what)?);
        }
        Some(names)
    }

    /// A text in quotes, without them.
    pub(super) fn text(&mut self, what: &str) -> Option<String> {
        let token = self.want(TokenKind::Text, what)?;
        let quoted = self.slice(token.span);
        Some(quoted.trim_matches('"').to_owned())
    }

    pub(super) fn texts(&mut self, what: &str) -> Option<Vec<String>> {
        let mut texts = vec![self.text(what)?];
        while self.is(TokenKind::Comma) && self.peek_at(1).kind == TokenKind::Text {
            self.next();
            texts.push(self.text(what)?);
        }
        Some(texts)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let token = self.want(TokenKind::Number, "a number")?;
        let digits = self.slice(token.span).replace('_', "");
        match digits.parse() {
            Ok(number) => Some(number),
            Err(_) => {
                self.report(Diagnostic::error("number", self.source, token.span, format!("`{digits}` is too large a number")));
                None
            }
        }
    }

    pub(super) fn date(&mut self) -> Option<Date> {
        let token = self.want(TokenKind::Date, "a day such as 2018-05-25")?;
        let text = self.slice(token.span);
        match text.parse() {
            Ok(date) => Some(date),
            Err(_) => {
                self.report(Diagnostic::error("date", self.source, token.span, format!("`{text}` is not a day of the calendar")));
                None
            }
        }
    }

    pub(super) fn period(&mut self) -> Option<Period> {
        if self.eat_word("without") {
            self.want_word("undue")?;
            self.want_word("delay")?;
            return Some(Period::WithoutDelay);
        }
        let number = self.number()?;
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        if self.eat_word("working") {
            if !(self.eat_word("days") || self.eat_word("day")) {
                self.expected("`days`");
                return None;
            }
            return Some(Period::WorkingDays(number));
        }
        let period = match self.word() {
            "hours" | "hour" => Period::Hours(number),
            "days" | "day" => Period::Days(number),
            "weeks" | "week" => Period::Weeks(number),
            "months" | "month" => Period::Months(number),
            "years" | "year" => Period::Years(number),
            _ => {
                self.expected("`hours`, `days`, `working days`, `weeks`, `months` or `years`");
                return None;
            }
        };
        self.next();
        Some(period)
    }

    /// A term of a scheme; an unknown one is reported with its nearest spelling and left out.
    pub(super) fn term(&mut self, scheme: Scheme) -> Option<Term> {
        let id = self.word();
        let found = self.words.find(scheme, id);
        // Where a term is left out, the next word begins another item: it is not to be swallowed.
        if found.is_none() && ITEMS.contains(&id) {
            self.expected(&format!("a {}", scheme.noun()));
            return None;
        }
        let token = self.want(TokenKind::Word, &format!("a {}", scheme.noun()))?;
        if found.is_none() {
            let diagnostic = Diagnostic::error("unknown-term", self.source, token.span, format!("`{id}` is not a {}", scheme.noun()));
            let nearest = self.words.nearest(scheme, id);
            // Where nothing is near, the word may be the law's own: who writes it must learn where words come from.
            let list = if scheme == Scheme::Place {
                "places are codes of ISO 3166 (`comity terms --scheme place`); a place that does not exist borrows one, such as `AQ`"
                    .to_owned()
            } else {
                format!("`comity terms {}` lists them; one of the law's own is a new row in the vocabulary", scheme.id())
            };
            self.report(diagnostic.help(list).did_you_mean(nearest));
        }
        found
    }

    /// A term, a group, or a list of them in braces.
    pub(super) fn term_set(&mut self, scheme: Scheme) -> Option<TermSet> {
        let start = self.peek().span;
        let mut set = TermSet { scheme, terms: Vec::new(), groups: Vec::new(), recognized_by: Vec::new(), span: start };
        if self.eat(TokenKind::Open) {
            while !self.is(TokenKind::Close) && !self.at_end() {
                self.member(&mut set)?;
                if !self.eat(TokenKind::Comma) && !self.is(TokenKind::Close) {
                    self.expected("`,` or `}`");
                    return None;
                }
            }
            self.want(TokenKind::Close, "`}`")?;
        } else {
            self.member(&mut set)?;
        }
        set.span = start.to(self.last_span());
        Some(set)
    }

    fn member(&mut self, set: &mut TermSet) -> Option<()> {
        if !self.is(TokenKind::Group) {
            if !self.is(TokenKind::Word) {
                self.expected(&format!("a {} or a group", set.scheme.noun()));
                return None;
            }
            if set.scheme == Scheme::Place && self.is_word("recognized") && self.word_at(1) == "by" {
                self.next();
                self.next();
                set.recognized_by.extend(self.term(Scheme::Place));
            } else if let Some(term) = self.term(set.scheme) {
                set.terms.push(term);
            }
            return Some(());
        }
        let token = self.next();
        let group = self.slice(token.span).trim_start_matches('@').to_owned();
        if set.scheme != Scheme::Place {
            let message = format!("`@{group}` is a group of places, and a {} is expected", set.scheme.noun());
            self.report(Diagnostic::error("unknown-term", self.source, token.span, message));
        } else if self.words.group(&group).is_none() {
            let known = self.words.groups().iter().map(|group| group.name.as_str());
            let nearest = comity_terms::nearest(&group, known).map(|name| format!("@{name}"));
            let diagnostic = Diagnostic::error("unknown-group", self.source, token.span, format!("`@{group}` is not a group of places"));
            self.report(diagnostic.did_you_mean(nearest.as_deref()));
        } else {
            set.groups.push(group);
        }
        Some(())
    }

    /// Skips to the next of these words that is not nested deeper than here.
    pub(super) fn skip_until(&mut self, stop: &[&str]) {
        let mut depth = 0_usize;
        while !self.at_end() {
            match self.peek().kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth == 0 => return,
                TokenKind::Close => depth -= 1,
                TokenKind::Word if depth == 0 && stop.contains(&self.word()) => return,
                _ => {}
            }
            self.next();
        }
    }
}
