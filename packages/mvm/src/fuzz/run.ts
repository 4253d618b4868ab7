// Executes a plan here and by ethereumjs.
import assert from "node:assert/strict";
import { decodeRlp } from "@metis/protocol";
import { keccak256, type Address, type Hex } from "viem";
import type { PureAttributes } from "../api.ts";
import { fromHex, toBigInt, toHex } from "../bytes.ts";
import { ChainApart, KernelsApart } from "../conformance/apart.ts";
import { MemoryHost } from "../conformance/memoryHost.ts";
import { encodeConfiguration, encodeGenesis } from "../genesis.ts";
import { Kernel, recoverKey } from "../kernel/index.ts";
import { changeKind, changesOf } from "../storage/changes.ts";
import { importBlockRequest, pureBlockRequest } from "../wire/requests.ts";
import { readSealed, sealedReceipts, sealedTransactions, type SealedResponse } from "../wire/sealed.ts";
import { wholeBlock } from "../wire/wholeBlock.ts";
import { Oracle } from "./oracle.ts";
import type { Plan, PlannedBlock } from "./plan.ts";
import { addressOf, genesisOf, signBlock } from "./world.ts";

/** What a plan did, for the corpus: words like "type 2", "skipped nonce-too-low", "status 0". */
export type Features = ReadonlySet<string>;

const attributesOf = (number: number, { withdrawals }: PlannedBlock): PureAttributes => ({
  timestamp: 12n * BigInt(number),
  coinbase: "0x00000000000000000000000000000000000000fe",
  prevRandao: keccak256(Uint8Array.of(number)),
  gasLimit: 30_000_000n,
  extraData: "0x",
  parentBeaconBlockRoot: keccak256(Uint8Array.of(number, 1)),
  withdrawals: withdrawals.map(({ to, amount }, i) => ({
    index: BigInt(number * 16 + i),
    validatorIndex: 0n,
    address: addressOf(to),
    amount: BigInt(amount),
  })),
});

export interface RunOptions {
  /** The features tell of instructions and precompiles, too. */
  readonly watched?: boolean;
  /** Runs a block in the oracle's place. */
  readonly run?: (rlp: Uint8Array) => Promise<void>;
}

/** How many blocks their roots stay behind, where they are computed apart. */
const distance = 2;

/**
 * Builds the plan's blocks with the kernel, runs each by ethereumjs and by the kernel's own import, at once and with its roots apart,
 * and compares roots, receipts, bloom and gas. Throws what differs.
 */
export async function runPlan(module: WebAssembly.Module, plan: Plan, options: RunOptions = {}): Promise<Features> {
  const features = new Set<string>([plan.fork]);
  const host = Object.assign(new MemoryHost(), { ecrecover: recoverKey });
  const kernel = new Kernel(module, host);
  const genesis = genesisOf(plan);
  const configuration = encodeConfiguration(genesis);
  kernel.request("configure", configuration);
  const first = kernel.request("genesis", encodeGenesis(genesis));
  let head = readSealed(first);
  host.apply(head.changes);
  const known = new Map<bigint, Uint8Array>([[0n, head.hash]]);
  const hashes = (number: bigint): Uint8Array | undefined => known.get(number);
  host.blockHashes = hashes;
  const apart = new ChainApart(new KernelsApart(module), configuration, first, { hashes, distance });
  const oracle = await Oracle.open(plan);
  if (options.watched === true) oracle.watch((feature) => features.add(feature));
  const run = options.run ?? ((rlp: Uint8Array) => oracle.run(rlp));
  assert.equal(toHex(await oracle.stateRoot()), toHex(head.stateRoot), "the genesis");
  const nonceOf = (address: Address): number =>
    Number(toBigInt(host.account(fromHex(address))?.subarray(0, 8) ?? new Uint8Array()));
  for (const [i, block] of plan.blocks.entries()) {
    const attributes = attributesOf(i + 1, block);
    const signed: readonly Hex[] = await signBlock(block.transactions, nonceOf);
    const request = pureBlockRequest(head.headerRlp, attributes, signed.map(fromHex));
    const sealed = readSealed(kernel.request("execute_block", request));
    const rlp = wholeBlock(sealed.headerRlp, sealedTransactions(sealed), attributes);
    await run(rlp);
    const imported = kernel.request("import_block", importBlockRequest(head.headerRlp, rlp));
    assert.equal(toHex(readSealed(imported).hash), toHex(sealed.hash), "built and imported");
    apart.import(rlp, imported);
    note(features, sealed);
    host.apply(sealed.changes);
    known.set(BigInt(i + 1), sealed.hash);
    head = sealed;
  }
  apart.finish();
  return features;
}

function note(features: Set<string>, sealed: SealedResponse): void {
  const receipts = sealedReceipts(sealed);
  for (const [i, bytes] of sealedTransactions(sealed).entries()) {
    const type = bytes[0]! >= 0xc0 ? 0 : bytes[0]!;
    const receipt = receipts[i]!;
    const [status] = decodeRlp(receipt[0]! >= 0xc0 ? receipt : receipt.subarray(1)) as readonly Uint8Array[];
    features.add(`type ${type} status ${status!.length}`);
  }
  for (const { reason } of sealed.skipped) features.add(`skipped ${reason.code}`);
  for (const { kind, after } of changesOf(sealed.changes)) {
    if (kind === changeKind.account) features.add(`account ${after.length === 0 ? "removed" : "set"}`);
    else if (kind === changeKind.wipe) features.add("account wiped");
  }
}
