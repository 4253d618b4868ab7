// Deposits here and by ethereumjs, which knows none: there each is a transaction that nobody signed and that pays nothing, after
// its mint (docs/spec/execution.md, "0x7E").
import assert from "node:assert/strict";
import { createBlock } from "@ethereumjs/block";
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createLegacyTx } from "@ethereumjs/tx";
import { createAccount, createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { createVM, runTx, type VM } from "@ethereumjs/vm";
import { decodeDepositTransaction, decodeRlp, predeploys, type Deposit } from "@metis/protocol";
import fc from "fast-check";
import type { Address, Hex } from "viem";
import { toBigInt, toHex } from "../bytes.ts";
import { ChainApart, KernelsApart } from "../conformance/apart.ts";
import { MemoryHost } from "../conformance/memoryHost.ts";
import { encodeConfiguration, encodeGenesis, type Genesis } from "../genesis.ts";
import { Kernel } from "../kernel/index.ts";
import { anchorHeader, chainId, nextContext, rollupGenesis } from "../testing/rollup.ts";
import { executeBlockRequest } from "../wire/requests.ts";
import { readSealed, sealedReceipts, sealedTransactions, type SealedResponse } from "../wire/sealed.ts";
import { codeArbitrary, targetArbitrary } from "./generate.ts";
import { kzg } from "./oracle.ts";
import { contracts, keys, type Target } from "./plan.ts";
import { addressOf, allocOf } from "./world.ts";

interface PlannedDeposit {
  readonly from: number;
  readonly to: Target;
  readonly mint: number;
  readonly value: number;
  readonly gas: number;
  readonly data: Hex;
}

/** A chain of blocks that hold deposits alone. */
export interface DepositPlan {
  readonly codes: readonly Hex[];
  readonly blocks: readonly (readonly PlannedDeposit[])[];
}

const deposit: fc.Arbitrary<PlannedDeposit> = fc.record({
  from: fc.nat(keys - 1),
  to: fc.oneof(targetArbitrary, fc.constant("new" as const)),
  mint: fc.constantFrom(0, 0, 5),
  value: fc.constantFrom(0, 1, 7),
  gas: fc.constantFrom(21_000, 60_000, 500_000, 2_000_000, 30_000),
  data: fc.oneof(fc.uint8Array({ maxLength: 60 }).map(toHex), codeArbitrary),
});

const baseFeeOpcode = /48/g;

const depositPlan: fc.Arbitrary<DepositPlan> = fc.record({
  // The oracle's block has no base fee, so nothing may ask for it.
  codes: fc.array(codeArbitrary, { minLength: 2, maxLength: contracts }).map((codes) =>
    codes.map(
      (code): Hex =>
        `0x${pairs(code)
          .map((pair) => pair.replace(baseFeeOpcode, "47"))
          .join("")}`,
    ),
  ),
  blocks: fc.array(fc.array(deposit, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
});

const pairs = (code: Hex): string[] => code.slice(2).match(/../g) ?? [];

/** Plans from `seed` (31 bits) on. */
export const depositPlansFrom = (seed: number, count: number): readonly DepositPlan[] =>
  fc.sample(depositPlan, { seed, numRuns: count });

/** Keys have only 3 wei, so that some deposits cannot pay their value. */
function genesisOf({ codes }: DepositPlan): Genesis {
  const genesis = rollupGenesis({});
  // Without system contracts: what they store is no matter of deposits.
  const system = new Set<string>([predeploys.history.toLowerCase(), predeploys.beaconRoots.toLowerCase()]);
  const poor = Object.entries(allocOf({ fork: "osaka", codes, blocks: [] })).map(
    ([address, account]) => [address, account.code === undefined ? { balance: 3n } : account] as const,
  );
  const all = [...Object.entries(genesis.alloc), ...poor].filter(([address]) => !system.has(address.toLowerCase()));
  return { ...genesis, alloc: Object.fromEntries(all) };
}

async function openOracle({ alloc }: Genesis): Promise<VM> {
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, {
    hardfork: Hardfork.Osaka,
    customCrypto: { kzg },
  });
  const stateManager = new MerkleStateManager({ common });
  await stateManager.checkpoint();
  for (const [address, { nonce = 0n, balance, code = "0x", storage = {} }] of Object.entries(alloc)) {
    const at = createAddressFromString(address);
    await stateManager.putAccount(at, createAccount({ nonce, balance }));
    if (code !== "0x") await stateManager.putCode(at, hexToBytes(code));
    for (const [slot, value] of Object.entries(storage))
      if (BigInt(value) !== 0n)
        await stateManager.putStorage(at, hexToBytes(slot as Hex), hexToBytes(`0x${trimmed(value)}`));
  }
  await stateManager.commit();
  return createVM({ common, stateManager });
}

const trimmed = (word: Hex): string => {
  const digits = BigInt(word).toString(16);
  return digits.length % 2 === 0 ? digits : `0${digits}`;
};

/** What a 0x7E transaction comes to. */
async function runDeposit(
  vm: VM,
  bytes: Uint8Array,
  header: SealedResponse["headerRlp"],
): Promise<{ readonly status: 0 | 1; readonly gas: bigint }> {
  const { from, to, mint, value, gas, data } = decodeDepositTransaction(bytes);
  const sender = createAddressFromString(from);
  const account = (await vm.stateManager.getAccount(sender)) ?? createAccount({});
  account.balance += mint;
  if (mint > 0n) await vm.stateManager.putAccount(sender, account);
  const fields = { gasLimit: gas, gasPrice: 0n, value, data, nonce: account.nonce, ...(to === null ? {} : { to }) };
  try {
    const tx = createLegacyTx(fields, { common: vm.common, freeze: false });
    tx.getSenderAddress = () => sender;
    const { execResult, totalGasSpent } = await runTx(vm, {
      tx,
      block: blockOf(vm, header),
      skipHardForkValidation: true,
    });
    return { status: execResult.exceptionError === undefined ? 1 : 0, gas: totalGasSpent };
  } catch {
    const refused = (await vm.stateManager.getAccount(sender)) ?? createAccount({});
    refused.nonce += 1n;
    await vm.stateManager.putAccount(sender, refused);
    return { status: 0, gas };
  }
}

function blockOf(vm: VM, headerRlp: Uint8Array): ReturnType<typeof createBlock> {
  const fields = decodeRlp(headerRlp) as readonly Uint8Array[];
  const header = {
    parentHash: fields[0]!,
    coinbase: toHex(fields[2]!),
    number: toBigInt(fields[8]!),
    gasLimit: toBigInt(fields[9]!),
    timestamp: toBigInt(fields[11]!),
    mixHash: fields[13]!,
    baseFeePerGas: 0n,
    excessBlobGas: 0n,
    blobGasUsed: 0n,
  };
  return createBlock({ header }, { common: vm.common, skipConsensusFormatValidation: true });
}

/** Executes the plan's blocks here and there; throws where state, receipts or gas differ. */
export async function runDepositPlan(module: WebAssembly.Module, plan: DepositPlan): Promise<void> {
  const host = new MemoryHost();
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
  const apart = new ChainApart(new KernelsApart(module), configuration, first, { hashes, distance: 2 });
  const oracle = await openOracle(genesis);
  let index = 0n;
  for (const [i, planned] of plan.blocks.entries()) {
    const anchor = BigInt(i + 1);
    const deposits = planned.map((one): Deposit => depositOf(one, index++, anchor));
    const context = nextContext({ number: BigInt(i), hash: toHex(head.hash) }, { anchor, deposits });
    assert.equal(context.inputs.anchorHash, anchorHeader(anchor).hash);
    const answer = kernel.request("execute_block", executeBlockRequest(head.headerRlp, context));
    const sealed = readSealed(answer);
    await compare(oracle, sealed);
    apart.execute((parent) => executeBlockRequest(parent, context), answer);
    host.apply(sealed.changes);
    known.set(BigInt(i + 1), sealed.hash);
    head = sealed;
  }
  apart.finish();
}

const depositOf = ({ from, to, mint, value, gas, data }: PlannedDeposit, index: bigint, anchor: bigint): Deposit => ({
  index,
  l1BlockNumber: anchor,
  from: addressOf(`account ${from}`),
  to: to === "new" ? ("0x0000000000000000000000000000000000000000" satisfies Address) : addressOf(to),
  mint: BigInt(mint),
  value: BigInt(value),
  gasLimit: BigInt(gas),
  isCreation: to === "new",
  data,
});

async function compare(oracle: VM, sealed: SealedResponse): Promise<void> {
  const { headerRlp, stateRoot, gasUsed } = sealed;
  const receipts = sealedReceipts(sealed);
  let counted = 0n;
  for (const [i, bytes] of sealedTransactions(sealed).entries()) {
    const { status, gas } = await runDeposit(oracle, bytes, headerRlp);
    // The system transaction comes first and counts nowhere.
    if (i > 0) counted += gas;
    const [own, cumulative] = decodeRlp(receipts[i]!.subarray(1)) as readonly Uint8Array[];
    assert.deepEqual([own!.length, toBigInt(cumulative!)], [status, counted], `receipt ${i}`);
  }
  assert.equal(gasUsed, counted);
  assert.equal(toHex(await oracle.stateManager.getStateRoot()), toHex(stateRoot), "the state root");
}
