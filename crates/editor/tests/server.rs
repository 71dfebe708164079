// SPDX-License-Identifier: Apache-2.0
//! The program, as an editor runs it: over standard input and output.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};
use std::fs;
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

struct Client {
    child: Child,
    out: BufReader<ChildStdout>,
    next: i32,
}

impl Client {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_comity-lsp"))
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, out, next: 0 }
    }

    fn send(&mut self, message: Message) {
        message.write(self.child.stdin.as_mut().expect("its input")).expect("it listens");
    }

    fn notify(&mut self, method: &str, parameters: Value) {
        self.send(Message::Notification(Notification::new(method.to_owned(), parameters)));
    }

    fn read(&mut self) -> Message {
        Message::read(&mut self.out).expect("it speaks").expect("it has not ended")
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let id = self.next.into();
        self.send(Message::Request(Request::new(id, method.to_owned(), parameters)));
        let id = self.next.into();
        loop {
            if let Message::Response(response) = self.read()
                && response.id == id
            {
                return serde_json::to_value(response).expect("an answer")["result"].clone();
            }
        }
    }

    /// The next remarks on a document.
    fn remarks(&mut self, uri: &str) -> Vec<Value> {
        loop {
            if let Message::Notification(notification) = self.read()
                && notification.method == "textDocument/publishDiagnostics"
                && notification.params["uri"] == uri
            {
                return notification.params["diagnostics"].as_array().expect("a list").clone();
            }
        }
    }
}

fn uri(path: &Path) -> String {
    comity_editor::address::uri(path).expect("an address").as_str().to_owned()
}

const ACT: &str = "instrument xx.act \"Äct 𝄞\" {\n  kind law\n  cite \"Act 1\"\n  in force 2020-01-01\n  verified\n  \
    define abroad cite \"„§ 2“ 𝄞\" when importer.seat outside FR\n  restrict transfer cite \"s. 3\" when abroda\n}\n";

#[test]
fn a_session_from_initialize_to_exit() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("law/xx/act.law");
    fs::create_dir_all(folder.path().join("law/xx")).expect("folders");
    fs::write(&path, ACT).expect("a file");
    let (law, flow) = (uri(&path), uri(&folder.path().join("flow.toml")));

    let mut client = Client::start();
    let initialized =
        client.ask("initialize", json!({ "capabilities": {}, "workspaceFolders": [{ "uri": uri(folder.path()), "name": "x" }] }));
    assert_eq!(initialized["capabilities"]["hoverProvider"], true);
    client.notify("initialized", json!({}));

    let open = |uri: &str, text: &str| json!({ "textDocument": { "uri": uri, "languageId": "x", "version": 1, "text": text } });
    client.notify("textDocument/didOpen", open(&law, ACT));
    let remarks = client.remarks(&law);
    let slip = remarks.iter().find(|remark| remark["code"] == "unknown-name").expect("the slip");
    assert_eq!(slip["range"]["start"], json!({ "line": 6, "character": 37 }));
    assert!(slip["message"].as_str().is_some_and(|message| message.contains("did you mean `abroad`?")), "{slip}");

    // Mended, nothing is left.
    let mended = ACT.replace("abroda", "abroad");
    client
        .notify("textDocument/didChange", json!({ "textDocument": { "uri": law, "version": 2 }, "contentChanges": [{ "text": mended }] }));
    assert_eq!(client.remarks(&law), Vec::<Value>::new());

    let at = |uri: &str, line: u32, character: u32| json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
    let shown = client.ask("textDocument/hover", at(&law, 6, 40));
    assert!(shown["contents"]["value"].as_str().is_some_and(|text| text.contains("[„§ 2“ 𝄞]")), "{shown}");
    let places = client.ask("textDocument/definition", at(&law, 6, 40));
    assert_eq!(places[0]["uri"], law.as_str());
    assert_eq!(places[0]["range"]["start"], json!({ "line": 5, "character": 9 }));
    // The clef takes two units: the key begins at column 37.
    let key = client.ask("textDocument/hover", at(&law, 5, 37));
    assert_eq!(key["range"]["start"]["character"], 37, "{key}");
    let offers = client.ask("textDocument/completion", at(&law, 5, 59));
    let offers = offers.as_array().expect("a list");
    assert!(offers.iter().any(|offer| offer["label"] == "@EEA"), "{offers:?}");
    let outline = client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": law } }));
    assert_eq!(outline[0]["children"][1]["name"], "transfer");
    let format = json!({ "textDocument": { "uri": law }, "options": { "tabSize": 2, "insertSpaces": true } });
    assert_eq!(client.ask("textDocument/formatting", format), json!([]));

    client.notify("textDocument/didOpen", open(&flow, "id = \"a\"\nunder = [\"xx.act\"]\n\n[exporter]\nseat = \"DEE\"\n"));
    let remarks = client.remarks(&flow);
    assert_eq!(remarks[0]["range"], json!({ "start": { "line": 4, "character": 7 }, "end": { "line": 4, "character": 12 } }));
    let offers = client.ask("textDocument/completion", at(&flow, 1, 10));
    assert!(offers.as_array().is_some_and(|offers| offers.iter().any(|offer| offer["label"] == "xx.act")), "{offers}");

    client.ask("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    assert!(client.child.wait().expect("it ends").success());
}
