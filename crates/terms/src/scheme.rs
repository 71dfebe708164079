// SPDX-License-Identifier: Apache-2.0
//! The schemes: which kind of thing a term is.

macro_rules! schemes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $noun:literal;)*) => {
        /// A closed family of terms. Every key whose value is a term, or a set of terms, names one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scheme { $($(#[$doc])* $name,)* }

        impl Scheme {
            /// All schemes, in the order of the reference page.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The id used in the tables and in `comity terms`.
            #[must_use]
            pub fn id(self) -> &'static str { match self { $(Self::$name => $id,)* } }

            /// What to call a member in a message, with its article left out.
            #[must_use]
            pub fn noun(self) -> &'static str { match self { $(Self::$name => $noun,)* } }
        }
    };
}

schemes! {
    /// Countries, parts, legal zones, the Union and international organisations.
    Place = "place", "place";
    /// What a party decides or does with the data.
    Role = "role", "role";
    /// The line of business of the exporter.
    Sector = "sector", "sector";
    /// A standing that changes which rules bind the exporter.
    Status = "status", "exporter status";
    /// What kind of recipient the importer is.
    RecipientType = "recipient-type", "recipient type";
    /// Certificates and approved group rules, with their scope after a colon.
    Certificate = "certificate", "certificate";
    /// Sets of clauses and other contracts; a module stands after a slash.
    Contract = "contract", "contract";
    /// Approvals by an authority.
    Approval = "approval", "approval";
    /// Filings and notices to an authority.
    Filing = "filing", "filing";
    /// Notices to the persons concerned.
    Notice = "notice", "notice";
    /// Technical and organisational measures.
    Measure = "measure", "measure";
    /// Arrangements between public bodies or states.
    Arrangement = "arrangement", "arrangement";
    /// The kind of assessment that was made.
    AssessmentKind = "assessment-kind", "kind of assessment";
    /// What an assessment found.
    AssessmentResult = "assessment-result", "result of an assessment";
    /// Categories of personal data.
    Category = "data-category", "data category";
    /// Purposes of processing.
    Purpose = "purpose", "purpose";
    /// How often the flow runs.
    Frequency = "frequency", "frequency";
    /// The kind of transaction, where a law asks.
    Transaction = "transaction", "kind of transaction";
    /// What the flow is necessary for.
    Necessity = "necessity", "necessity";
    /// The legal basis of the processing.
    LawfulBasis = "lawful-basis", "lawful basis";
    /// Kinds of persons the data are about.
    SubjectKind = "subject-kind", "kind of subject";
    /// Instruments that may bind an importer.
    Instrument = "instrument", "instrument";
    /// Legal grounds that carry a restricted flow.
    Mechanism = "mechanism", "mechanism";
    /// What a finer counter counts.
    Unit = "unit", "unit";
}

impl Scheme {
    /// The scheme with this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scheme| scheme.id() == id)
    }
}
