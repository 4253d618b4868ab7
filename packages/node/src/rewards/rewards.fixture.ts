// A chain of real blocks whose epochs last four L1 blocks, for tests of what brings epochs' rewards about.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMvm } from "@metis/mvm";
import type { Mvm } from "@metis/mvm";
import { alice, anchorHeader, nextContext } from "@metis/mvm/testing";
import { encodeAttendance, profiles, zeroHash } from "@metis/protocol";
import type { ChainConfig, Hash } from "@metis/protocol";
import { Secret } from "@metis/runtime";
import { numberToHex } from "viem";
import type { Address, Hex } from "viem";
import { buildL2Genesis } from "../deploy/genesis.ts";
import { EpochReports } from "./reports.ts";
import { L2Payer } from "./l2Payer.ts";

const [messenger, standardBridge, admin] = [1, 2, 3].map((name) => numberToHex(name, { size: 20 })) as [
  Address,
  Address,
  Address,
];
export const emissionReserve: Address = numberToHex(0xbeef, { size: 20 });
export const epochLength = 4n;
/** The key of `alice`, who has METIS on L2. */
const aliceKey: Hex = `0x${"11".repeat(32)}`;

/** Blocks of one member, each on disk when it is made. */
export class RewardChain {
  readonly mvm: Mvm;
  readonly config: ChainConfig;
  readonly reports: EpochReports;
  /** Transactions that the payer sent and no block holds. */
  readonly waiting: Hex[] = [];
  /** What the mempool says to the payer instead of taking its transactions. */
  refusal: Error | undefined;
  readonly #folder: string;
  #nextCounted = 1n;

  private constructor(mvm: Mvm, config: ChainConfig, folder: string) {
    this.mvm = mvm;
    this.config = config;
    this.#folder = folder;
    this.reports = new EpochReports({ config, reader: mvm.reader });
  }

  static async start(): Promise<RewardChain> {
    const anchor = anchorHeader(0n);
    const config: ChainConfig = {
      ...profiles.devnet.chain,
      epochLength: Number(epochLength),
      l1ChainId: 31_337n,
      l2ChainId: 901_088n,
      genesisAnchorNumber: 0n,
      genesisAnchorHash: anchor.hash,
      genesisAnchorTime: anchor.time,
    };
    const genesis = buildL2Genesis({
      chainConfig: config,
      anchor: { baseFeePerGas: 7n, excessBlobGas: 0n, mixHash: zeroHash, parentBeaconBlockRoot: zeroHash },
      l1: { messenger, standardBridge, emissionReserve },
      admin,
      balances: { [alice.address]: 10n ** 21n },
    });
    const folder = mkdtempSync(join(tmpdir(), "metis-rewards-"));
    return new RewardChain(await openMvm({ dataDir: folder, genesis }), config, folder);
  }

  /** A block on anchor `anchor`, with everything that waits; `counted`: it counts the blocks below its parent for that epoch. */
  async block(
    anchor: bigint,
    { counted, transactions = [] }: { counted?: bigint; transactions?: readonly Hex[] } = {},
  ) {
    const context = nextContext(this.mvm.head(), {
      anchor,
      transactions: [...transactions, ...this.waiting.splice(0)],
    });
    const attendance = counted === undefined ? "0x" : this.#count(counted, context.inputs.number - 1n);
    const block = await this.mvm.execute({ ...context, inputs: { ...context.inputs, attendance } });
    await this.mvm.commit(block.hash);
    return block;
  }

  /** Member 0 proposed and attested all that is not counted yet. */
  #count(epoch: bigint, below: bigint): Hex {
    const firstBlock = this.#nextCounted;
    this.#nextCounted = below;
    const run = { firstBlock, blocks: Number(below - firstBlock), proposer: 0, attested: 1n };
    return encodeAttendance({ epoch, runs: [run] });
  }

  /** Alice's, or that of another key. */
  payer(privateKey: Hex = aliceKey): L2Payer {
    const submit = async (raw: Hex): Promise<Hash> => {
      if (this.refusal) throw this.refusal;
      this.waiting.push(raw);
      return zeroHash;
    };
    const { reader } = this.mvm;
    return new L2Payer({ reader, chainId: this.config.l2ChainId, privateKey: new Secret(privateKey), tip: 5n, submit });
  }

  /** The first epoch is over, and its blocks are counted. */
  async closeFirstEpoch(): Promise<void> {
    for (const anchor of [1n, 2n]) await this.block(anchor);
    await this.block(3n, { counted: 0n });
    await this.block(2n * epochLength);
  }

  async stop(): Promise<void> {
    await this.mvm.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
