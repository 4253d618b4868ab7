import type { NodeConfig } from "./config.ts";
import { readDeployment } from "./deploy/file.ts";
import { checkRemoteKey, readKey } from "./wiring/keys.ts";

/**
 * Reads the files that a node with these options starts from: which chain it is, and a sequencer's keys. Its data stays shut, and
 * nobody is asked, a remote signer neither. Throws what the start would, `NodeError` or `DeploymentFileError`.
 */
export async function checkNodeOptions(options: NodeConfig): Promise<void> {
  await readDeployment(options.deployment);
  if (options.role !== "sequencer") return;
  if (options["signer.url"] !== undefined) checkRemoteKey(options);
  else await readKey(options, "signer");
  if (options["batcher.keyFile"] !== undefined) await readKey(options, "batcher");
}
