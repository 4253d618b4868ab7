import { checkNodeOptions, nodeConfig } from "@metis/node";
import { documentConfig, printConfig } from "@metis/runtime";
import type { Command } from "commander";
import { toJson } from "../io.ts";
import type { Io } from "../io.ts";
import { addNodeOptions, readNodeOptions } from "./nodeOptions.ts";

/** `metis config`: what a node would run with. */
export function configCommand(root: Command, io: Io): void {
  const config = root.command("config").description("show or check the options of a node");
  addNodeOptions(config.command("print").description("every option with its value and where it comes from, as TOML"))
    .option("--markdown", "the table of options instead")
    .addHelpText("after", "\nExample:\n  metis config print --config node.toml\n")
    .action((given: Readonly<Record<string, unknown>>) => {
      if (given["markdown"] !== undefined) return io.out(documentConfig(nodeConfig));
      const loaded = readNodeOptions(given);
      io.out(io.json ? toJson(loaded) : printConfig(nodeConfig, loaded));
    });
  addNodeOptions(
    config.command("check").description("say what keeps a node from starting with the options, or nothing"),
  )
    .addHelpText("after", "\nExample:\n  metis config check --config node.toml\n")
    .action(async (given: Readonly<Record<string, unknown>>) => {
      await checkNodeOptions(readNodeOptions(given).values);
      io.out(io.json ? toJson({ ok: true }) : "the options are valid");
    });
}
