// SPDX-License-Identifier: Apache-2.0
//! What is known of columns before they are encoded, so that nothing is tried that cannot succeed.

use crate::source::Source;
use comity_border::Plan;
use parquet::basic::Compression;
use parquet::file::properties::WriterPropertiesBuilder;
use parquet::schema::types::ColumnPath;

/// What is known of the columns of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    /// Columns in which almost every value is another: a dictionary would be begun, and given up when it is too large.
    various: Vec<String>,
    /// Columns of keyed hashes that are almost all different: no compression finds anything in them.
    random: Vec<String>,
}

impl Hints {
    /// Of what leaves of a table.
    pub(crate) fn of_output(plan: &Plan, source: &Source) -> Self {
        let various = source.various().to_vec();
        let hidden = |name: &String| {
            let at = plan.manifest.columns.iter().position(|column| column.name == *name);
            let measures = at.map_or_else(Vec::new, |at| plan.measures_of(at));
            !measures.is_empty() && measures.iter().all(|measure| measure.needs_key())
        };
        let random = various.iter().filter(|name| hidden(name)).cloned().collect();
        Self { various, random }
    }

    /// Of what is kept apart of a table.
    pub(crate) fn of_quarantine(source: &Source) -> Self {
        Self { various: source.various().to_vec(), random: Vec::new() }
    }

    /// How the columns are written.
    pub(crate) fn apply(&self, properties: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
        let path = |name: &String| ColumnPath::new(vec![name.clone()]);
        let plain = |properties: WriterPropertiesBuilder, name| properties.set_column_dictionary_enabled(path(name), false);
        let as_is = |properties: WriterPropertiesBuilder, name| properties.set_column_compression(path(name), Compression::UNCOMPRESSED);
        self.random.iter().fold(self.various.iter().fold(properties, plain), as_is)
    }
}
