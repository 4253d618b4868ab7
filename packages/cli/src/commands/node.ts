import type { Command } from "commander";
import type { Io } from "../io.ts";
import { nodeImportCommand } from "./nodeImport.ts";
import { nodeRunCommand } from "./nodeRun.ts";
import { nodeSnapshotCommand } from "./nodeSnapshot.ts";

/** `metis node`: one node of the rollup, or of an Ethereum chain in pure mode. */
export function nodeCommand(root: Command, io: Io): void {
  const node = root.command("node").description("run a node, import a chain, take and use snapshots");
  nodeRunCommand(node, io);
  nodeImportCommand(node, io);
  nodeSnapshotCommand(node, io);
}
