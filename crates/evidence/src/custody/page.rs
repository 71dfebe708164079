// SPDX-License-Identifier: Apache-2.0
//! A chain of custody as a page for a court: one HTML file without scripts that needs nothing else, and prints.
//!
//! Written to WCAG 2.2, level AA: the language is stated, headings are in order, the table has a caption and header cells,
//! colors are those of the reader, the text flows at any width, and a table too wide for the screen scrolls by itself.

use super::{Chain, Event};
use std::fmt::Write;

/// No color but those of the reader's system; hashes break anywhere, so that nothing is cut off on paper or a small screen.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 Georgia,'Times New Roman',serif;max-width:50rem;margin:0 auto;padding:1rem}\
h1,h2,h3{line-height:1.25;overflow-wrap:anywhere}\
table{border-collapse:collapse;width:100%}\
caption{text-align:start;font-weight:bold;padding-block:.5rem}\
th,td{border:1px solid;padding:.3rem .5rem;text-align:start;vertical-align:top}\
td[dir]{min-width:7rem;overflow-wrap:anywhere}.wide{overflow-x:auto}\
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.25rem 1rem;margin:.5rem 0}\
dt{font-weight:bold}dd{margin:0;min-width:0;overflow-wrap:anywhere}\
code,pre{font-family:'DejaVu Sans Mono',Consolas,monospace;font-size:.875rem}\
th a{display:inline-block;min-width:1.5rem;min-height:1.5rem}\
code{overflow-wrap:anywhere}pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid;padding:.5rem}\
section.event{border-top:1px solid;break-inside:avoid}\
@media (max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}\
@page{margin:2cm}\
@media print{.wide{overflow:visible}body{max-width:none;padding:0;font-size:11pt}code,pre{font-size:8.5pt}h2,h3,caption,thead{break-after:avoid}tr{break-inside:avoid}tbody tr:first-child{break-before:avoid}a{color:inherit}}";

/// What a reader may conclude, and what not.
const MEANING: &str = "\
<h2>What this page shows</h2>\n\
<p>Each event names the hash of the event before it. All of them were checked when this page was made: \
every event names the one before it, the times do not go backwards, the digest changes only where the exhibit was transformed, \
and nothing happened to it after it was destroyed.</p>\n\
<p>An event before the last cannot be changed, left out, added or moved without the chain breaking, \
unless every event after it is made anew too.</p>\n\
<h2>What this page does not show</h2>\n\
<ul>\n\
<li>That what the events say is true. They are statements of those who recorded them, in the roles that are named.</li>\n\
<li>That the last event was not changed, that no later event was left out, or that the whole chain was not made anew. \
For that, compare with the receipts of the transparency log in which the events were recorded.</li>\n\
<li>Who acted. Events name roles, never persons.</li>\n\
<li>The exhibit itself. To see that a file is the exhibit, compute its SHA-256 and compare it with the digest.</li>\n\
</ul>\n";

impl Chain {
    /// The chain as an HTML page.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut page = String::new();
        // INVARIANT: writing into a text never fails.
        let _ = self.write_page(&mut page);
        page
    }

    fn write_page(&self, page: &mut String) -> std::fmt::Result {
        let exhibit = escaped(self.exhibit());
        write!(
            page,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
            <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
            <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
            <title>Chain of custody of exhibit {exhibit}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
            <h1>Chain of custody of exhibit <bdi>{exhibit}</bdi></h1>\n"
        )?;
        self.write_summary(page)?;
        page.push_str(MEANING);
        self.write_table(page)?;
        page.push_str("<h2>Each event in full</h2>\n");
        for (number, event) in (1..).zip(self.events()) {
            write_event(page, number, event)?;
        }
        page.push_str(
            "<h2>The record itself</h2>\n\
            <p>One event to a line, as it is hashed (JSON in the form of RFC 8785). \
            The hash of an event is the SHA-256 of its line in UTF-8, without the line break. \
            Saved as a file, <code>comity custody check FILE</code> checks it again.</p>\n<pre>",
        );
        for event in self.events() {
            writeln!(page, "{}", escaped(&event.to_text()))?;
        }
        page.push_str("</pre>\n</main>\n</body>\n</html>\n");
        Ok(())
    }

    fn write_summary(&self, page: &mut String) -> std::fmt::Result {
        let (Some(first), Some(last)) = (self.events().first(), self.last()) else { return Ok(()) };
        let end = if self.is_closed() { "destroyed: nothing can follow" } else { "open: events may follow" };
        page.push_str("<dl>\n");
        row(page, "Events", &self.events().len().to_string())?;
        row(page, "First", &time(first))?;
        row(page, "Last", &time(last))?;
        row(page, "State", end)?;
        row(page, "Digest (SHA-256)", &code(&last.digest.to_hex()))?;
        row(page, "Hash of the last event", &code(&last.hash().to_hex()))?;
        page.push_str("</dl>\n");
        Ok(())
    }

    fn write_table(&self, page: &mut String) -> std::fmt::Result {
        page.push_str("<h2 id=\"events\">Events</h2>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"events\">\n<table>\n<caption>All events in the order in which they happened</caption>\n<thead><tr>");
        for name in ["Number", "Time (UTC)", "Action", "Role", "Place"] {
            write!(page, "<th scope=\"col\">{name}</th>")?;
        }
        page.push_str("</tr></thead>\n<tbody>\n");
        for (number, event) in (1..).zip(self.events()) {
            writeln!(
                page,
                "<tr><th scope=\"row\"><a href=\"#event-{number}\" aria-label=\"Event {number}\">{number}</a></th><td>{}</td><td>{}</td><td dir=\"auto\">{}</td><td dir=\"auto\">{}</td></tr>",
                time(event),
                event.action,
                escaped(&event.role),
                escaped(&event.place),
            )?;
        }
        page.push_str("</tbody>\n</table>\n</div>\n");
        Ok(())
    }
}

fn write_event(page: &mut String, number: usize, event: &Event) -> std::fmt::Result {
    write!(page, "<section class=\"event\" id=\"event-{number}\" aria-labelledby=\"title-{number}\">\n<h3 id=\"title-{number}\">")?;
    writeln!(page, "Event {number}: {}</h3>\n<dl>", event.action)?;
    row(page, "Time", &time(event))?;
    for (name, text) in [("Role", &event.role), ("Place", &event.place), ("Legal ground", &event.ground)] {
        row(page, name, &format!("<bdi>{}</bdi>", escaped(text)))?;
    }
    row(page, "Digest after (SHA-256)", &code(&event.digest.to_hex()))?;
    let previous = event.previous.map_or_else(|| "none: this is the first event".to_owned(), |previous| code(&previous.to_hex()));
    row(page, "Previous event", &previous)?;
    row(page, "Hash of this event", &code(&event.hash().to_hex()))?;
    page.push_str("</dl>\n</section>\n");
    Ok(())
}

/// A term with what it is; `value` is HTML.
fn row(page: &mut String, name: &str, value: &str) -> std::fmt::Result {
    writeln!(page, "<dt>{name}</dt><dd>{value}</dd>")
}

fn code(text: &str) -> String {
    format!("<code>{text}</code>")
}

/// A time as people read it, and as programs do.
fn time(event: &Event) -> String {
    let written = event.at.as_str();
    format!("<time datetime=\"{written}\">{}</time>", written.replace('T', " ").replace('Z', " UTC"))
}

/// Text that stands in HTML for itself, in elements and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            other => written.push(other),
        }
    }
    written
}
