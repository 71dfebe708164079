// SPDX-License-Identifier: Apache-2.0
//! Made-up rows: the same each time, as varied as the vocabulary.

use comity_terms::{Scheme, vocabulary};
use std::io::{self, Write};

/// Numbers that look random and are the same each time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0) % end.max(1)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).copied().unwrap_or_default()
    }

    /// Up to so many of them, `none` where there is none.
    fn some(&mut self, of: &[&str], most: usize) -> String {
        let number = self.below(most + 1);
        let some: Vec<&str> = (0..number).map(|_| self.one(of)).collect();
        if some.is_empty() { "none".to_owned() } else { some.join("; ") }
    }
}

const HOMES: &[&str] =
    &["DE", "FR", "IE", "ES", "NL", "GB", "CH", "BR", "JP", "KR", "IN", "CN", "SG", "ZA", "KE", "TR", "CA", "AU", "US", "NZ"];
const ABROAD: &[&str] =
    &["US", "GB", "IN", "CN", "PH", "JP", "KR", "BR", "CH", "IL", "SG", "AU", "CA", "VN", "RU", "DE", "IE", "MX", "AR", "NG"];
const CERTIFICATES: &[&str] = &["dpf", "dpf:hr", "bcr-controller", "bcr-processor", "cbpr", "global-cbpr"];
const CLAUSES: &[&str] =
    &["eu.scc-2021/1", "eu.scc-2021/2", "uk.idta", "uk.addendum", "br.scc-2024", "cn.scc-2023", "comparable-protection"];
const MEASURES: &[&str] = &["encryption-in-transit", "encryption-at-rest", "pseudonymised", "access-control", "keys-held-by-exporter"];

/// Writes a register of so many flows.
pub fn write(out: &mut impl Write, rows: usize) -> io::Result<()> {
    let ids = |scheme| vocabulary().entries(scheme).iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>();
    let (categories, purposes, kinds, sectors) =
        (ids(Scheme::Category), ids(Scheme::Purpose), ids(Scheme::SubjectKind), ids(Scheme::Sector));
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    writeln!(
        out,
        "id,on,exporter.seat,exporter.role,exporter.sector,exporter.public_body,exporter.targets,exporter.status,\
         importer.seat,importer.role,importer.type,importer.certified,importer.subject_to_exporter_law,importer.common_management,\
         importer.reads_clear_text,importer.group,importer.same_legal_entity,route.storage,route.access_from,route.direct_from_subject,\
         route.transit,route.first_recorded_in,data.categories,data.received_from,subjects.kinds,subjects.located,subjects.residents_of,\
         subjects.citizens_of,subjects.count,purpose.of,purpose.frequency,purpose.necessary_for,purpose.transaction,purpose.compelled_by,\
         purpose.lawful_basis,safeguards.contracts,safeguards.measures,safeguards.assessment.result"
    )?;
    for row in 1..=rows {
        let (home, abroad) = (numbers.one(HOMES), numbers.one(ABROAD));
        let mut cells = vec![
            format!("flow-{row}"),
            format!("{}-{:02}-{:02}", 2023 + numbers.below(4), 1 + numbers.below(12), 1 + numbers.below(28)),
            home.to_owned(),
            numbers.one(&["controller", "controller", "processor"]).to_owned(),
            numbers.one(&sectors).to_owned(),
            numbers.one(&["no", "no", "no", "yes"]).to_owned(),
            home.to_owned(),
            "none".to_owned(),
            abroad.to_owned(),
            numbers.one(&["processor", "controller", "sub-processor"]).to_owned(),
            numbers.one(&["none", "cloud-provider"]).to_owned(),
            numbers.some(CERTIFICATES, 1),
            "no".to_owned(),
            "no".to_owned(),
            numbers.one(&["yes", "no"]).to_owned(),
            numbers.one(&["no", "yes"]).to_owned(),
            "no".to_owned(),
            abroad.to_owned(),
            numbers.one(&[abroad, home]).to_owned(),
            "no".to_owned(),
            "none".to_owned(),
            home.to_owned(),
            numbers.some(&categories, 3),
            "none".to_owned(),
            numbers.some(&kinds, 2),
            home.to_owned(),
            home.to_owned(),
            home.to_owned(),
            (1 + numbers.below(200_000)).to_string(),
            numbers.one(&purposes).to_owned(),
            numbers.one(&["systematic", "systematic", "occasional"]).to_owned(),
            "none".to_owned(),
            "none".to_owned(),
            "none".to_owned(),
            numbers.one(&["contract", "consent", "legitimate-interest", "legal-obligation"]).to_owned(),
            numbers.some(CLAUSES, 2),
            numbers.some(MEASURES, 3),
            numbers.one(&["equivalent", "equivalent-with-measures", "", "not-equivalent"]).to_owned(),
        ];
        // What is known differs from row to row; who sends and who receives is known of each.
        for cell in cells.iter_mut().skip(3).filter(|cell| **cell != home && **cell != abroad) {
            if numbers.below(40) == 0 {
                cell.clear();
            }
        }
        writeln!(out, "{}", cells.join(","))?;
    }
    out.flush()
}
