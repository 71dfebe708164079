// SPDX-License-Identifier: Apache-2.0
//! The protocol: requests and notifications to the features, and their answers back.

use crate::complete::{self, Kind, Offer};
use crate::desk::{Desk, Document};
use crate::diagnose::{self, Remark};
use crate::position::Lines;
use crate::{Shelf, address, define, hover, layout, outline};
use comity_law::Severity;
use jiff::civil::Date;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::*;
use serde_json::{Value, from_value, json, to_value};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What ends the server before its time.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves a client until it says `exit`; `today` is asked for again and again, since an editor may stay open overnight.
///
/// # Errors
///
/// The client is gone, or does not speak the protocol.
pub fn serve(connection: &Connection, today: &dyn Fn() -> Date) -> Result<(), Failure> {
    let parameters = connection.initialize(to_value(capabilities())?)?;
    let (folders, library) = opened(&parameters);
    let mut desk = Desk::new(today(), folders, library);
    // Files that others change are told of only where the client was asked to.
    let watches = parameters.pointer("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration") == Some(&Value::Bool(true));
    if watches {
        connection.sender.send(Message::Request(watch()))?;
    }
    let mut pending = false;
    loop {
        // While somebody types, the next change comes before the last one is looked at; then only the last one is.
        if pending && connection.receiver.is_empty() {
            publish(connection, &mut desk)?;
            pending = false;
        }
        let Ok(message) = connection.receiver.recv() else { return Ok(()) };
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    return Ok(());
                }
                desk.turn_to(today());
                connection.sender.send(Message::Response(answer(&mut desk, request)))?;
            }
            Message::Notification(notification) => {
                desk.turn_to(today());
                pending |= hear(connection, &mut desk, notification)?;
            }
            Message::Response(_) => {}
        }
    }
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::FULL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([".", "@", "\"", "/", ":"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        ..ServerCapabilities::default()
    }
}

/// The folders that are opened, and the library that was set.
fn opened(parameters: &Value) -> (Vec<PathBuf>, Option<PathBuf>) {
    let path = |uri: &Value| uri.as_str().and_then(|uri| uri.parse().ok()).and_then(|uri| address::path(&uri));
    let listed = parameters.get("workspaceFolders").and_then(Value::as_array);
    let mut folders: Vec<PathBuf> = listed.into_iter().flatten().filter_map(|folder| path(folder.get("uri")?)).collect();
    if folders.is_empty() {
        folders.extend(parameters.get("rootUri").and_then(path));
    }
    let library = parameters.pointer("/initializationOptions/library").and_then(Value::as_str).filter(|library| !library.is_empty());
    (folders, library.map(PathBuf::from))
}

fn watch() -> Request {
    let patterns = ["**/*.law", "**/recognitions.csv", "**/*.toml"].map(|pattern| json!({ "globPattern": pattern }));
    let registration =
        json!({ "id": "files", "method": notification::DidChangeWatchedFiles::METHOD, "registerOptions": { "watchers": patterns } });
    Request::new("watch".to_owned().into(), request::RegisterCapability::METHOD.to_owned(), json!({ "registrations": [registration] }))
}

/// Takes a notification in and says whether remarks may have changed.
fn hear(connection: &Connection, desk: &mut Desk, notification: Notification) -> Result<bool, Failure> {
    let Notification { method, params, .. } = notification;
    match method.as_str() {
        notification::DidOpenTextDocument::METHOD => {
            let DidOpenTextDocumentParams { text_document } = from_value(params)?;
            if let Some(path) = address::path(&text_document.uri) {
                desk.put(path, text_document.text);
            }
        }
        notification::DidChangeTextDocument::METHOD => {
            let DidChangeTextDocumentParams { text_document, content_changes } = from_value(params)?;
            // Changes are asked for as whole texts, so the last one is the text.
            if let (Some(path), Some(change)) = (address::path(&text_document.uri), content_changes.into_iter().next_back()) {
                desk.put(path, change.text);
            }
        }
        notification::DidCloseTextDocument::METHOD => {
            let DidCloseTextDocumentParams { text_document } = from_value(params)?;
            if let Some(path) = address::path(&text_document.uri) {
                desk.close(&path);
            }
            send_remarks(connection, text_document.uri, Vec::new())?;
        }
        notification::DidSaveTextDocument::METHOD | notification::DidChangeWatchedFiles::METHOD => desk.changed_on_disk(),
        _ => return Ok(false),
    }
    Ok(true)
}

fn send_remarks(connection: &Connection, uri: Uri, diagnostics: Vec<Diagnostic>) -> Result<(), Failure> {
    let parameters = PublishDiagnosticsParams { uri, diagnostics, version: None };
    let notification = Notification::new(notification::PublishDiagnostics::METHOD.to_owned(), parameters);
    connection.sender.send(Message::Notification(notification))?;
    Ok(())
}

/// Sends what is wrong with every open document.
fn publish(connection: &Connection, desk: &mut Desk) -> Result<(), Failure> {
    for path in desk.documents() {
        let (Some(uri), Some(text)) = (address::uri(&path), desk.text(&path)) else { continue };
        let remarks = match Desk::kind(&path, &text) {
            Document::Law | Document::Table => {
                let (shelf, name) = desk.shelf(&path);
                diagnose::in_library(&shelf, &name)
            }
            Document::Flow => diagnose::in_flow(&text, &|profile| desk.profile(&path, profile)),
            Document::Other => Vec::new(),
        };
        let lines = Lines::new(&text);
        send_remarks(connection, uri, remarks.into_iter().map(|remark| diagnostic(remark, &lines)).collect())?;
    }
    Ok(())
}

fn diagnostic(remark: Remark, lines: &Lines<'_>) -> Diagnostic {
    Diagnostic {
        range: lines.range(remark.span),
        severity: Some(match remark.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: remark.code.map(|code| NumberOrString::String(code.to_owned())),
        source: Some("comity".to_owned()),
        message: remark.message,
        ..Diagnostic::default()
    }
}

fn answer(desk: &mut Desk, request: Request) -> Response {
    let Request { id, method, params, .. } = request;
    let found = match method.as_str() {
        request::Completion::METHOD => from_value(params).map(|parameters| completion(desk, &parameters)),
        request::HoverRequest::METHOD => from_value(params).map(|parameters| hovered(desk, &parameters)),
        request::GotoDefinition::METHOD => from_value(params).map(|parameters| defined(desk, &parameters)),
        request::Formatting::METHOD => from_value(params).map(|parameters| formatted(desk, &parameters)),
        request::DocumentSymbolRequest::METHOD => from_value(params).map(|parameters| outlined(desk, &parameters)),
        _ => return Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not served")),
    };
    match found {
        Ok(value) => Response::new_ok(id, value),
        Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string()),
    }
}

/// A document that somebody asks about.
struct Asked {
    text: String,
    path: PathBuf,
    kind: Document,
    shelf: Rc<Shelf>,
    name: String,
}

impl Asked {
    fn new(desk: &mut Desk, uri: &Uri) -> Option<Self> {
        let path = address::path(uri)?;
        let text = desk.text(&path)?;
        let kind = Desk::kind(&path, &text);
        if kind == Document::Other {
            return None;
        }
        let (shelf, name) = desk.shelf(&path);
        Some(Self { text, path, kind, shelf, name })
    }

    /// The document and the byte that a position means.
    fn at(desk: &mut Desk, position: &TextDocumentPositionParams) -> Option<(Self, usize)> {
        let asked = Self::new(desk, &position.text_document.uri)?;
        let byte = Lines::new(&asked.text).byte(position.position);
        Some((asked, byte))
    }
}

fn value(answer: Option<impl serde::Serialize>) -> Value {
    answer.and_then(|answer| to_value(answer).ok()).unwrap_or(Value::Null)
}

fn completion(desk: &mut Desk, parameters: &CompletionParams) -> Value {
    value(Asked::at(desk, &parameters.text_document_position).map(|(asked, byte)| {
        let offers = match asked.kind {
            Document::Law => complete::in_instrument(&asked.shelf, &asked.name, &asked.text, byte),
            Document::Flow => complete::in_flow(&asked.shelf, &asked.text, byte),
            Document::Table | Document::Other => Vec::new(),
        };
        let lines = Lines::new(&asked.text);
        offers.into_iter().map(|offer| item(offer, &lines)).collect::<Vec<_>>()
    }))
}

fn item(offer: Offer, lines: &Lines<'_>) -> CompletionItem {
    let edit = TextEdit { range: lines.range(offer.span), new_text: offer.text };
    CompletionItem {
        kind: Some(match offer.kind {
            Kind::Name => CompletionItemKind::REFERENCE,
            Kind::Term => CompletionItemKind::ENUM_MEMBER,
            Kind::Group => CompletionItemKind::CONSTANT,
            Kind::Key => CompletionItemKind::FIELD,
            Kind::Word => CompletionItemKind::KEYWORD,
            Kind::Instrument => CompletionItemKind::MODULE,
        }),
        detail: Some(offer.detail),
        documentation: (!offer.more.is_empty())
            .then_some(Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: offer.more })),
        sort_text: Some(format!("{:02}{}", offer.rank, offer.label)),
        // Without quotes around the cursor the quotes are part of what is written, and not of what is looked for.
        filter_text: Some(offer.label.clone()),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        label: offer.label,
        ..CompletionItem::default()
    }
}

fn hovered(desk: &mut Desk, parameters: &HoverParams) -> Value {
    value(Asked::at(desk, &parameters.text_document_position_params).and_then(|(asked, byte)| {
        let shown = match asked.kind {
            Document::Law => hover::in_instrument(&asked.shelf, &asked.name, &asked.text, byte),
            Document::Flow => hover::in_flow(&asked.shelf, &asked.text, byte),
            Document::Table | Document::Other => None,
        }?;
        let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: shown.text });
        Some(Hover { contents, range: Some(Lines::new(&asked.text).range(shown.span)) })
    }))
}

fn defined(desk: &mut Desk, parameters: &GotoDefinitionParams) -> Value {
    value(Asked::at(desk, &parameters.text_document_position_params).map(|(asked, byte)| {
        let targets = match asked.kind {
            Document::Law => define::in_instrument(&asked.shelf, &asked.name, &asked.text, byte),
            Document::Flow => define::in_flow(&asked.shelf, &asked.text, byte),
            Document::Table | Document::Other => Vec::new(),
        };
        targets.into_iter().filter_map(|target| location(&asked.shelf, target)).collect::<Vec<_>>()
    }))
}

/// The place in a file; what is embedded has none.
fn location(shelf: &Shelf, target: define::Target) -> Option<Location> {
    let uri = address::uri(&shelf.path(target.source)?)?;
    let lines = Lines::new(&shelf.library.source(target.source)?.text);
    Some(Location { uri, range: lines.range(target.span) })
}

fn formatted(desk: &mut Desk, parameters: &DocumentFormattingParams) -> Value {
    let text = address::path(&parameters.text_document.uri).filter(|path| is_law(path)).and_then(|path| desk.text(&path));
    value(text.map(|text| {
        let lines = Lines::new(&text);
        layout::edit(&text).map(|(span, new_text)| TextEdit { range: lines.range(span), new_text }).into_iter().collect::<Vec<_>>()
    }))
}

fn is_law(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "law")
}

fn outlined(desk: &mut Desk, parameters: &DocumentSymbolParams) -> Value {
    value(
        Asked::new(desk, &parameters.text_document.uri)
            .filter(|asked| is_law(&asked.path))
            .map(|asked| outline::symbols(&outline::outline(&asked.shelf, &asked.name), &Lines::new(&asked.text))),
    )
}
