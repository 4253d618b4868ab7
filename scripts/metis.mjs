#!/usr/bin/env node
// The `metis` command on the pinned Node.
import { fileURLToPath } from "node:url";
import { launch } from "./node.mjs";

launch([fileURLToPath(new URL("../packages/cli/src/main.ts", import.meta.url)), ...process.argv.slice(2)]);
