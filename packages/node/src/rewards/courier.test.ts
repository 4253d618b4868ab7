import assert from "node:assert/strict";
import { afterEach, beforeEach, suite, test } from "node:test";
import { outputRoot, zeroHash } from "@metis/protocol";
import { emissionReserveAbi, portalAbi } from "@metis/protocol/contracts";
import { createMetrics, ManualClock, silentLogger } from "@metis/runtime";
import type { Logger } from "@metis/runtime";
import { decodeFunctionData, encodeAbiParameters, keccak256, numberToHex } from "viem";
import type { Address, Hex } from "viem";
import { L1Error } from "../l1/errors.ts";
import { MempoolError } from "../mempool/errors.ts";
import { fixedEpochSets } from "../pool/epochSets.ts";
import { RewardCourier } from "./courier.ts";
import { emissionReserve, RewardChain } from "./rewards.fixture.ts";

const [self, other]: readonly Address[] = [1, 2].map((name) => numberToHex(name, { size: 20 }));
const [portal, stateClaims, posterVault]: readonly Address[] = [11, 12, 13].map((name) =>
  numberToHex(name, { size: 20 }),
);
const batchIndex = 7n;

/** What the contracts of L1 say, and what becomes of it when they take a transaction. */
class ScriptedContracts {
  readonly attendances = new Map<bigint, Hex>();
  readonly distributed = new Set<bigint>();
  /** Wei of ETH that posters are owed for an epoch. */
  readonly owed = new Map<bigint, bigint>();
  settledCount = 0n;
  refusal: string | undefined;
  readonly sent: { readonly id: string; readonly name: string; readonly args: readonly unknown[] }[] = [];

  async read(_: unknown, address: Address, name: string, [epoch]: readonly unknown[]): Promise<unknown> {
    const asked = epoch as bigint;
    if (name === "distributed") return this.distributed.has(asked);
    if (name === "attendanceHashOf") return this.attendances.get(asked) ?? zeroHash;
    if (name === "epochRefunds")
      return { owed: this.owed.get(asked) ?? 0n, granted: 0n, settled: this.attendances.has(asked) };
    assert.deepEqual([name, address], ["settledCount", stateClaims]);
    return this.settledCount;
  }

  async send({ id, to, data }: { readonly id: string; readonly to: Address; readonly data: Hex }) {
    if (this.refusal !== undefined)
      throw new L1Error("call-reverted", "reject", this.refusal, { reason: this.refusal });
    const abi = to === portal ? portalAbi : emissionReserveAbi;
    const { functionName: name, args } = decodeFunctionData({ abi, data });
    this.sent.push({ id, name, args });
    const epoch = BigInt(id.split("/")[1]!);
    if (name === "finalizeWithdrawal") this.attendances.set(epoch, keccak256(encodeAbiParameters([], [])));
    if (name === "distribute") this.distributed.add(epoch);
    const mined = { success: true, gasUsed: 1n, effectiveGasPrice: 1n, blockNumber: 1n };
    return { ...mined, transactionHash: zeroHash, blockHash: zeroHash };
  }

  get names(): readonly string[] {
    return this.sent.map(({ name }) => name);
  }
}

/** One pass after the other. */
class SteppedCourier extends RewardCourier {
  turn(): Promise<unknown> {
    return this.pass(new AbortController().signal);
  }
}

suite("what brings epochs' rewards to L1", () => {
  let chain: RewardChain;
  let l1: ScriptedContracts;
  let warned: string[];
  /** L1's head, which says whose shift it is: of two members, four blocks each. */
  let l1Head: bigint;
  beforeEach(async () => {
    chain = await RewardChain.start();
    l1 = new ScriptedContracts();
    warned = [];
    l1Head = 0n;
  });
  afterEach(() => chain.stop());

  const courier = (payer = chain.payer()): SteppedCourier => {
    const { mvm, reports } = chain;
    const logger: Logger = { ...silentLogger(), warn: (message) => void warned.push(message) };
    return new SteppedCourier({
      addresses: { portal: portal!, stateClaims: stateClaims!, posterVault: posterVault!, emissionReserve },
      self: self!,
      sets: fixedEpochSets([
        { signer: self!, weight: 1n },
        { signer: other!, weight: 1n },
      ]),
      reports,
      reader: mvm.reader,
      heads: {
        heads: () => ({ unsafe: mvm.head(), signed: mvm.head(), safe: mvm.head(), finalized: mvm.head() }),
      },
      chain: {
        derivedOf: () => ({ header: { batchIndex }, lastBlock: mvm.head().number }),
      } as never,
      l1: l1 as never,
      watcher: { view: { head: { number: l1Head } } } as never,
      manager: l1,
      payer,
      clock: new ManualClock(),
      logger,
      metrics: createMetrics(),
      intervalMs: 1_000,
    });
  };

  test("an epoch that is over is reported, proven when its claim has settled, and paid, each once", async () => {
    await chain.closeFirstEpoch();
    const seat = courier();
    await seat.turn();
    assert.equal(chain.waiting.length, 1);
    await chain.block(9n);
    assert.equal((await chain.reports.countsOf(0n, chain.mvm.head().number)).isReported, true);
    l1.settledCount = batchIndex;
    await seat.turn();
    assert.deepEqual(l1.names, [], "the claim of the report's batch has not settled");
    l1.settledCount = batchIndex + 1n;
    await seat.turn();
    assert.deepEqual(l1.names, ["finalizeWithdrawal", "distribute"]);
    await seat.turn();
    assert.equal(l1.sent.length, 2);
    assert.deepEqual(chain.waiting, []);
  });

  test("the message is proven against the output root of its batch's last block, and paid for what was counted", async () => {
    await chain.closeFirstEpoch();
    const seat = courier();
    await seat.turn();
    await chain.block(9n);
    await chain.block(10n);
    l1.settledCount = batchIndex + 1n;
    await seat.turn();
    const head = chain.mvm.head().number;
    const report = (await chain.reports.find(0n, head))!;
    const [withdrawal, batch, proof, nodes] = l1.sent[0]!.args as [object, bigint, Record<string, Hex>, readonly Hex[]];
    assert.deepEqual([withdrawal, batch], [report.withdrawal, batchIndex]);
    const { stateRoot, messagePasserStorageRoot, blockHash } = proof as Record<
      "stateRoot" | "messagePasserStorageRoot" | "blockHash",
      Hex
    >;
    const block = await chain.mvm.reader.block(head);
    assert.equal(outputRoot({ stateRoot, messagePasserStorageRoot, blockHash }), block?.outputRoot);
    assert.equal(keccak256(nodes[0]!), messagePasserStorageRoot);
    const [epoch, members, blocks, words] = l1.sent[1]!.args;
    const counts = await chain.reports.countsOf(0n, head);
    assert.deepEqual([epoch, blocks, words], [0n, counts.blocks, counts.words]);
    assert.deepEqual(
      (members as readonly { signer: Address }[]).map(({ signer }) => signer),
      [self, other],
    );
  });

  test("who is not on shift sends nothing", async () => {
    await chain.closeFirstEpoch();
    l1Head = 4n;
    await courier().turn();
    assert.deepEqual([chain.waiting, l1.sent], [[], []]);
  });

  test("an epoch of which nothing was counted is reported when posters are owed something for it", async () => {
    await chain.block(8n);
    const seat = courier();
    await seat.turn();
    assert.deepEqual(chain.waiting, [], "it pays nobody");
    l1.owed.set(0n, 1n);
    await seat.turn();
    assert.equal(chain.waiting.length, 1);
    await chain.block(9n);
    l1.settledCount = batchIndex + 1n;
    await seat.turn();
    assert.equal(l1.names[0], "finalizeWithdrawal", "which settles what posters are owed");
  });

  test("what L1 refuses is tried again in a later turn", async () => {
    await chain.closeFirstEpoch();
    const seat = courier();
    await seat.turn();
    await chain.block(9n);
    l1.settledCount = batchIndex + 1n;
    l1.refusal = "WithdrawalsPaused";
    await seat.turn();
    assert.deepEqual(l1.names, []);
    l1.refusal = undefined;
    await seat.turn();
    assert.deepEqual(l1.names, ["finalizeWithdrawal", "distribute"]);
  });

  test("what another seat has proven, or paid, is not sent again", async () => {
    await chain.closeFirstEpoch();
    const seat = courier();
    await seat.turn();
    await chain.block(9n);
    l1.settledCount = batchIndex + 1n;
    l1.attendances.set(0n, keccak256("0x01"));
    await seat.turn();
    assert.deepEqual(l1.names, ["distribute"]);
    l1.distributed.add(0n);
    await courier().turn();
    assert.deepEqual(l1.names, ["distribute"]);
  });

  test("that an account has no METIS on L2 is said once for an epoch, and what waits in the mempool not at all", async () => {
    await chain.closeFirstEpoch();
    const seat = courier();
    chain.refusal = new MempoolError("already-known", "known");
    await seat.turn();
    assert.deepEqual(warned, []);
    chain.refusal = new MempoolError("insufficient-funds", "no METIS");
    await seat.turn();
    await seat.turn();
    assert.equal(warned.length, 1);
    assert.match(warned[0]!, /needs METIS on L2/);
    chain.refusal = undefined;
    await seat.turn();
    assert.equal(chain.waiting.length, 1);
  });
});
