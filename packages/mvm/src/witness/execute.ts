import type { Hash } from "@metis/protocol";
import { keccak256 } from "viem/utils";
import { fromHex, toHex } from "../bytes.ts";
import { encodeConfiguration, type Genesis } from "../genesis.ts";
import { Kernel, loadKernelModule } from "../kernel/index.ts";
import { readSealed } from "../wire/sealed.ts";
import { replayRequest, type BlockToReplay } from "./replay.ts";
import { WitnessHost, type ExecutionWitness } from "./witness.ts";

/** What an execution without a database leads to. */
export interface StatelessResult {
  readonly hash: Hash;
  readonly stateRoot: Hash;
  readonly messagePasserStorageRoot: Hash;
  readonly outputRoot: Hash;
}

/**
 * Executes a block on the state of `parentHash` from preimages alone, with the same mvm.wasm that nodes run. Whatever the witness
 * holds, the result is either right for `config`, `block` and `parentHash` or there is none.
 * Throws `MvmError` "witness-incomplete", "witness-invalid", "witness-too-large", or the kernel's refusal of the block.
 */
export async function executeWitness(
  config: Pick<Genesis, "chainConfig" | "pure">,
  block: BlockToReplay,
  parentHash: Hash,
  witness: ExecutionWitness,
): Promise<StatelessResult> {
  const host = new WitnessHost(witness, parentHash);
  const parent = witness.headers.find((header) => keccak256(header) === parentHash)!;
  const { name, body } = replayRequest(block, fromHex(parent), witness.anchorHeader);
  const kernel = new Kernel(await loadKernelModule(), host);
  kernel.request("configure", encodeConfiguration(config));
  const sealed = readSealed(kernel.request(name, body));
  return {
    hash: toHex(sealed.hash),
    stateRoot: toHex(sealed.stateRoot),
    messagePasserStorageRoot: toHex(sealed.messagePasserStorageRoot),
    outputRoot: toHex(sealed.outputRoot),
  };
}
