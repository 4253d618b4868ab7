// Preloaded into what the launcher starts. A launcher that is killed cannot pass a signal on: what it leaves behind ends as when a
// terminal is closed. The channel to it is there for nothing else, and keeps no process alive.
"use strict";
const { isMainThread } = require("node:worker_threads");

if (isMainThread && process.channel) {
  process.once("disconnect", () => {
    if (!process.emit("SIGHUP", "SIGHUP", 1)) process.kill(process.pid, "SIGHUP");
  });
  process.channel.unref();
}
