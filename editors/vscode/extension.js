// Starts `dagcc lsp` for .dag files; all that is known about them comes from there.
'use strict';
const { commands, window, workspace } = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

async function start() {
  const settings = workspace.getConfiguration('dag');
  const server = { command: settings.get('path'), args: ['lsp', ...settings.get('arguments')] };
  client = new LanguageClient('dag', 'dagcc', server, { documentSelector: [{ language: 'dag' }] });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    window.showErrorMessage(`${server.command} lsp does not start (${error.message}). Is dag.path right?`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  await old?.stop();
}

async function restart() {
  await stop();
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    commands.registerCommand('dag.restart', restart),
    workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('dag') && restart()),
  );
  await start();
};
exports.deactivate = stop;
