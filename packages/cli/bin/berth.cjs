#!/usr/bin/env node
// The command line, from the files that scripts/bundle-cli.ts makes. In words that any Node understands, so that one that
// is too old says so instead of stumbling over the syntax.
"use strict";

if (parseInt(process.versions.node, 10) >= 24) {
  keepCompiled();
  require("../dist/bundle/main.cjs");
} else {
  process.stderr.write(
    "berth: Node 24 or newer is needed: this one is " +
      process.versions.node +
      ", " +
      process.execPath +
      "\n" +
      "Fix: Install a newer Node; in a checkout of Berth, `npm ci --ignore-scripts` brings one\n",
  );
  process.exitCode = 1;
}

// Keeps what the code was compiled to for the next start. Never in the folder for temporary files, where Node would: what
// lies there under a name that anybody can guess may have been put there by anybody, and would run as this user.
function keepCompiled() {
  var fs = require("fs");
  var path = require("path");
  var home = process.env.HOME;
  var caches = process.env.XDG_CACHE_HOME || (home && path.join(home, ".cache"));
  if (!caches || !path.isAbsolute(caches) || !process.getuid) return;
  try {
    // Not their parents: where there is no home, none is made.
    makeFolder(fs, caches);
    var folder = path.join(caches, "berth");
    makeFolder(fs, folder);
    var found = fs.lstatSync(folder);
    var isPrivate = found.isDirectory() && found.uid === process.getuid() && (found.mode & 18) === 0; // 0o022
    if (isPrivate) require("module").enableCompileCache(folder);
  } catch (_) {
    // It only starts a little later.
  }
}

function makeFolder(fs, path) {
  if (!fs.existsSync(path)) fs.mkdirSync(path, { mode: 448 }); // 0o700
}
