// ethereumjs on a plan's chain: it computes state root, receipts root, bloom and gas of each block and compares them with the header.
import { createRequire } from "node:module";
import { createBlockFromRLP } from "@ethereumjs/block";
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createAccount, createAddressFromString, hexToBytes, type KZG } from "@ethereumjs/util";
import { createVM, runBlock, type VM } from "@ethereumjs/vm";
import type { Hex } from "viem";
import type { FuzzFork, Plan } from "./plan.ts";
import { allocOf, chainId } from "./world.ts";

const hardforks: Readonly<Record<FuzzFork, Hardfork>> = {
  shanghai: Hardfork.Shanghai,
  cancun: Hardfork.Cancun,
  prague: Hardfork.Prague,
  osaka: Hardfork.Osaka,
};

interface NodeKzg {
  verifyKzgProof(commitment: Uint8Array, z: Uint8Array, y: Uint8Array, proof: Uint8Array): boolean;
}
let loaded: NodeKzg | undefined;

/** Loads its setup, which takes seconds, when a proof is first checked. Nothing else of KZG is executed. */
export const kzg = {
  verifyProof: (commitment: Hex, z: Hex, y: Hex, proof: Hex): boolean => {
    loaded ??= (
      createRequire(import.meta.url)("@crate-crypto/node-eth-kzg") as {
        DASContextJs: { create(options: object): NodeKzg };
      }
    ).DASContextJs.create({});
    try {
      return loaded.verifyKzgProof(hexToBytes(commitment), hexToBytes(z), hexToBytes(y), hexToBytes(proof));
    } catch {
      return false;
    }
  },
} as unknown as KZG;

/** A chain of its own with the plan's genesis. */
export class Oracle {
  readonly #vm: VM;

  private constructor(vm: VM) {
    this.#vm = vm;
  }

  static async open(plan: Plan): Promise<Oracle> {
    const options = { hardfork: hardforks[plan.fork], customCrypto: { kzg } };
    const common = createCustomCommon({ chainId }, Mainnet, options);
    const stateManager = new MerkleStateManager({ common });
    await stateManager.checkpoint();
    for (const [address, { nonce = 0n, balance, code = "0x", storage = {} }] of Object.entries(allocOf(plan))) {
      const at = createAddressFromString(address);
      await stateManager.putAccount(at, createAccount({ nonce, balance }));
      if (code !== "0x") await stateManager.putCode(at, hexToBytes(code));
      for (const [slot, value] of Object.entries(storage))
        await stateManager.putStorage(at, hexToBytes(slot as Hex), hexToBytes(value));
    }
    await stateManager.commit();
    return new Oracle(await createVM({ common, stateManager }));
  }

  /** Tells of every instruction and every precompile that runs. Slows it down. */
  watch(onFeature: (feature: string) => void): void {
    const { events } = this.#vm.evm;
    events?.on("step", ({ opcode }, next) => {
      // PUSH1 to PUSH32 and their like are one.
      onFeature(opcode.name.replace(/^(PUSH|DUP|SWAP)\d+$/, "$1"));
      next?.();
    });
    let called: string | undefined;
    events?.on("beforeMessage", (message, next) => {
      // A creation has no code's address, and asking for it throws.
      const address = message.to === undefined ? undefined : BigInt(message.codeAddress.toString());
      called = address !== undefined && address <= 0x100n ? `precompile ${address}` : undefined;
      next?.();
    });
    events?.on("afterMessage", ({ execResult }, next) => {
      const error = execResult.exceptionError?.error;
      if (called !== undefined) onFeature(`${called} ${error === undefined ? "answers" : "fails"}`);
      else if (error !== undefined) onFeature(`fails: ${error}`);
      called = undefined;
      next?.();
    });
  }

  async stateRoot(): Promise<Uint8Array> {
    return this.#vm.stateManager.getStateRoot();
  }

  /** Throws when the block does not lead to what its header says. */
  async run(blockRlp: Uint8Array): Promise<void> {
    const block = createBlockFromRLP(blockRlp, { common: this.#vm.common });
    await runBlock(this.#vm, { block, skipBlockValidation: true });
  }
}
