import { decodeRlp } from "@metis/protocol";
import { keccak256 } from "viem/utils";
import type { BlockId } from "../api.ts";
import { fromHex, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { resolveBlock } from "../executor/lookup.ts";
import { Kernel } from "../kernel/index.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import type { Chain } from "../storage/chain.ts";
import { readSealed } from "../wire/sealed.ts";
import { RecordingHost } from "./record.ts";
import { blockToReplay, replayRequest } from "./replay.ts";
import { WitnessSize, type ExecutionWitness } from "./witness.ts";

const stateRootField = 3;

/** Makes witnesses by executing blocks again. Synchronous: it lives in a worker. */
export class WitnessRecorder {
  readonly #chain: Chain;
  readonly #module: WebAssembly.Module;

  constructor(chain: Chain, module: WebAssembly.Module) {
    this.#chain = chain;
    this.#module = module;
  }

  /**
   * Everything that executing the block needs. Throws `MvmError` "unknown-block", "state-unavailable", "witness-too-large", or
   * "witness-unavailable" for block 0 and where the anchor's header is not kept.
   */
  witness(id: BlockId, size = new WitnessSize()): ExecutionWitness {
    const { database } = this.#chain;
    database.refresh();
    const number = resolveBlock(this.#chain, id);
    const block = number === undefined ? undefined : database.blocks.block(number);
    if (block === undefined) throw new MvmError("unknown-block", "There is no such block.");
    if (block.number === 0) throw new MvmError("witness-unavailable", "The genesis block is not executed.");
    const parent = block.number - 1;
    const view = this.#chain.stateAt(parent)!;
    const parentHeader = fromHex(database.blocks.header(parent)!.headerRlp);
    const stateRoot = (decodeRlp(parentHeader) as readonly Uint8Array[])[stateRootField]!;
    const anchorHeader = this.#anchorOf(block);
    const host = new RecordingHost(view, database.blocks, parent, stateRoot, size);
    const kernel = new Kernel(this.#module, host);
    kernel.request("configure", database.configuration!);
    const { name, body } = replayRequest(blockToReplay(block), parentHeader, anchorHeader);
    const sealed = readSealed(kernel.request(name, body));
    if (toHex(sealed.hash) !== block.hash)
      throw new MvmError("database-corrupt", `Block ${block.number} executes to another hash than it has.`);
    return { ...host.witness(), ...(anchorHeader && { anchorHeader }) };
  }

  #anchorOf({ number, inputs }: StoredBlock): `0x${string}` | undefined {
    if (inputs === undefined) return undefined;
    const header = this.#chain.database.anchors.at(number);
    if (header !== undefined && keccak256(header) === inputs.anchorHash) return toHex(header);
    throw new MvmError(
      "witness-unavailable",
      `The header of L1 block ${inputs.anchorNumber}, the anchor, is not kept.`,
    );
  }
}
