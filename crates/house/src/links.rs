// SPDX-License-Identifier: Apache-2.0
//! Links between documents lead to a file.

use std::path::Path;

/// The links of a Markdown file that lead to no file, one sentence each; `path` is its path from the root.
#[must_use]
pub fn faults(root: &Path, path: &str, text: &str) -> Vec<String> {
    let folder = root.join(path).parent().map_or_else(|| root.to_path_buf(), Path::to_path_buf);
    let mut faults = Vec::new();
    for (line, target) in targets(text) {
        let file = target.split('#').next().unwrap_or_default();
        if !file.is_empty() && !folder.join(file).exists() {
            faults.push(format!("{path}:{line}: the link to `{target}` leads nowhere"));
        }
    }
    faults
}

/// Line and target of each link within the project, code left out.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Every second piece between back quotes is code.
        for piece in line.split('`').step_by(2) {
            for rest in piece.split("](").skip(1) {
                let target = rest.split([')', ' ']).next().unwrap_or_default();
                if !target.contains("://") && !target.starts_with("mailto:") {
                    found.push((index + 1, target.to_owned()));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn code_and_addresses_are_no_links_of_the_project() {
        let text = "[a](b.md#c) and [w](https://example.org)\n```\n[x](y)\n```\n`[z](q)` ![p](d/e.svg)";
        assert_eq!(targets(text), [(1, "b.md#c".to_owned()), (5, "d/e.svg".to_owned())]);
    }
}
