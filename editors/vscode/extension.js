// SPDX-License-Identifier: Apache-2.0
// Starts the language server and hands the editor's requests to it.

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

async function start() {
  const settings = vscode.workspace.getConfiguration("comity");
  const command = settings.get("server") || "comity-lsp";
  const server = { command, transport: TransportKind.stdio };
  const options = {
    // The server looks into a TOML or CSV file and says nothing of one that is not Comity's.
    documentSelector: [
      { scheme: "file", language: "comity-law" },
      { scheme: "file", pattern: "**/*.toml" },
      { scheme: "file", pattern: "**/recognitions.csv" },
    ],
    initializationOptions: { library: settings.get("library") },
  };
  client = new LanguageClient("comity", "Comity", { run: server, debug: server }, options);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(`The language server \`${command}\` did not start: ${error.message}. The setting \`comity.server\` names it.`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running) {
    await running.stop();
  }
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("comity.restart", async () => {
      await stop();
      await start();
    }),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("comity")) {
        await stop();
        await start();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
