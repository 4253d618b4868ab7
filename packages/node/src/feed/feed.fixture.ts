// A pool whose blocks are made by hand and signed by whoever the test says, and replicas over scripted feeds of them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSet } from "@metis/committee";
import { openMvm } from "@metis/mvm";
import type { Mvm } from "@metis/mvm";
import {
  addressOfKey,
  blockAttestationDigest,
  buildCertificate,
  profiles,
  signDigest,
  signingDomain,
  zeroAddress,
  zeroHash,
} from "@metis/protocol";
import type { BlockAttestation, BlockInputs, ChainConfig, SetMember } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { createMetrics, ManualClock, MemoryStore, RpcClientError, silentLogger } from "@metis/runtime";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { buildL2Genesis } from "../deploy/genesis.ts";
import { serially } from "../derivation/serial.ts";
import { ChainHeads } from "../heads/heads.ts";
import { ChainStore } from "../heads/store.ts";
import { L1Client } from "../l1/client.ts";
import { DepositReader } from "../l1/deposits.ts";
import { ScriptedL1 } from "../l1/testing/scriptedL1.ts";
import { L1Watcher } from "../l1/watcher.ts";
import { fixedEpochSets } from "../pool/epochSets.ts";
import { AnchorSource } from "../sequencer/anchors.ts";
import { readOpenBatch } from "../sequencer/batch.ts";
import { parentView } from "../sequencer/parent.ts";
import { SigningStatus } from "../sequencer/status.ts";
import { BlockAdopter } from "./adopter.ts";
import { FeedFollower } from "./follower.ts";
import { FeedProgress } from "./progress.ts";
import { SignedBlocks } from "./serve.ts";
import { feedBlockFromHex } from "./signedBlock.ts";
import type { FeedBlock } from "./signedBlock.ts";
import type { FeedListener, FeedPage, FeedSource } from "./source.ts";

const l1Time = 1_700_000_000;
export const seatKeys: readonly Hex[] = [1, 2, 3].map((byte): Hex => `0x${`0${byte}`.repeat(32)}`);
const user = privateKeyToAccount(`0x${"11".repeat(32)}`);

export const domain = signingDomain(modelGenesis);

/** Three seats of one weight: two of them are exactly two thirds. */
export const seats: readonly SetMember[] = createSet(
  seatKeys.map((key) => ({ signer: addressOfKey(key), weight: 1n })),
).members;

const transfer = (nonce: number): Promise<Hex> =>
  user.signTransaction({
    chainId: 901_088,
    type: "eip1559",
    nonce,
    gas: 21_000n,
    maxFeePerGas: 10n ** 12n,
    to: zeroAddress,
    value: 1n,
  });

/** Signs what `block` attests, changed by `change`, with `keys`. */
export function signBlock(
  inputs: BlockInputs,
  attestation: BlockAttestation,
  keys: readonly Hex[] = seatKeys,
  members: readonly SetMember[] = seats,
): FeedBlock {
  const digest = blockAttestationDigest(domain, attestation);
  const { bitmap, signatures } = buildCertificate(
    digest,
    members,
    keys.map((key) => signDigest(digest, key)),
  );
  return { inputs, attestation, bitmap, signatures };
}

/** What every node over the scripted L1 has. */
export class FeedWorld {
  readonly folder = mkdtempSync(join(tmpdir(), "metis-feed-"));
  readonly l1 = new ScriptedL1();
  readonly clock = new ManualClock((l1Time + 12 * 20) * 1000);
  #config: ChainConfig | undefined;
  readonly #closing: (() => Promise<void>)[] = [];

  get config(): ChainConfig {
    return this.#config!;
  }

  static async start(): Promise<FeedWorld> {
    const world = new FeedWorld();
    world.l1.mine(20);
    const { hash } = await world.l1.request<{ hash: Hex }>("eth_getBlockByNumber", ["0x0"]);
    world.#config = {
      ...profiles.devnet.chain,
      l1ChainId: 31_337n,
      l2ChainId: 901_088n,
      genesisAnchorNumber: 0n,
      genesisAnchorHash: hash,
      genesisAnchorTime: BigInt(l1Time),
    };
    return world;
  }

  /** Stops all nodes but the first `kept`. */
  async stopNodes(kept = 0): Promise<void> {
    const closing = this.#closing.splice(kept).toReversed();
    for (const close of closing) await close();
  }

  async stop(): Promise<void> {
    await this.stopNodes();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A chain of its own on folder `name`, with everything below the feed. */
  async node(name: string, store = new MemoryStore()) {
    const genesis = buildL2Genesis({
      chainConfig: this.config,
      anchor: { baseFeePerGas: 7n, excessBlobGas: 0n, mixHash: zeroHash, parentBeaconBlockRoot: zeroHash },
      l1: { messenger: zeroAddress, standardBridge: zeroAddress, emissionReserve: zeroAddress },
      admin: zeroAddress,
      balances: { [user.address]: 10n ** 21n },
    });
    const mvm: Mvm = await openMvm({ dataDir: join(this.folder, name), genesis });
    const [logger, metrics, chain] = [silentLogger(), createMetrics(), new ChainStore(store)];
    const client = new L1Client(this.l1, logger);
    const watcher = new L1Watcher({ l1: client, config: this.config, clock: this.clock, logger, metrics, pollMs: 200 });
    await watcher.start();
    const status = new SigningStatus(chain, logger, metrics);
    const head = mvm.head();
    const heads = new ChainHeads({ unsafe: head, signed: head, safe: head, finalized: head }, metrics);
    const node = {
      mvm,
      chain,
      client,
      watcher,
      status,
      heads,
      logger,
      metrics,
      clock: this.clock,
      config: this.config,
    };
    this.#closing.push(async () => {
      await watcher.stop();
      await mvm.close();
    });
    return node;
  }

  /** A node that makes and signs blocks alone. */
  async pool(name = "pool"): Promise<ScriptedPool> {
    return new ScriptedPool(await this.node(name));
  }

  /** A replica over `sources`; not started. */
  async replica(name: string, sources: readonly FeedSource[], store = new MemoryStore()) {
    const node = await this.node(name, store);
    const { mvm, chain, heads, status, client, watcher, clock, logger, metrics, config } = node;
    const upToHead = { usableAnchor: () => watcher.view.head.number, subscribe: watcher.subscribe.bind(watcher) };
    const adopter = new BlockAdopter({
      config,
      domain,
      mvm,
      chain,
      heads,
      status,
      sets: fixedEpochSets(seats),
      anchors: new AnchorSource(client, new DepositReader(client, zeroAddress), upToHead, config),
      watcher,
      exclusively: serially(),
    });
    const progress = new FeedProgress({ heads, reader: mvm.reader, clock, metrics });
    const follower = new FeedFollower({
      sources,
      adopter,
      status,
      heads,
      watcher,
      progress,
      clock,
      logger,
      metrics,
      silenceMs: 2_000,
    });
    const closeBelow = this.#closing.pop()!;
    this.#closing.push(async () => {
      await follower.stop();
      await closeBelow();
    });
    return { ...node, adopter, follower };
  }

  /** Moves the clock until `probe` holds; fails after five minutes of it. */
  async until(what: string, probe: () => boolean): Promise<void> {
    for (let steps = 0; !probe(); steps++) {
      if (steps > 3_000) throw new Error(`never happened: ${what}`);
      await this.clock.advance(100);
      // Execution runs in a thread of its own, whose answers no clock brings.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

type Node = Awaited<ReturnType<FeedWorld["node"]>>;

/** Makes the pool's blocks: real ones, executed, with a certificate by all three seats. */
export class ScriptedPool {
  readonly node: Node;
  readonly anchors: AnchorSource;
  #nonce = 0;

  constructor(node: Node) {
    this.node = node;
    const { client, watcher, config } = node;
    this.anchors = new AnchorSource(client, new DepositReader(client, zeroAddress), watcher, config);
  }

  get mvm(): Mvm {
    return this.node.mvm;
  }

  /** Makes one block on the head that holds a transaction, changed by `change`; not committed. */
  async execute(change: Partial<BlockInputs> = {}) {
    const { mvm, config } = this.node;
    const parent = await parentView(config, mvm.reader, mvm.head().number);
    const anchor = await this.anchors.choose({ number: parent.anchorNumber, hash: parent.anchorHash });
    const { timestamp } = anchor.header;
    const inputs: BlockInputs = {
      number: parent.number + 1n,
      time: parent.time + 1n > timestamp ? parent.time + 1n : timestamp,
      generation: 0,
      flags: 0,
      proposer: seats[0]!.signer,
      anchorNumber: anchor.header.number,
      anchorHash: anchor.header.hash,
      depositStart: parent.depositEnd,
      depositEnd: parent.depositEnd,
      rate: 0n,
      attendance: "0x",
      transactions: [await transfer(this.#nonce)],
      ...change,
    };
    const block = await mvm.execute({ inputs, anchorHeader: anchor.header.rlp, deposits: [] });
    const { epoch } = await readOpenBatch(config, mvm.reader, parent.number);
    const attestation: BlockAttestation = {
      generation: inputs.generation,
      epoch,
      number: inputs.number,
      blockHash: block.hash,
      outputRoot: block.outputRoot,
      anchorNumber: inputs.anchorNumber,
      anchorHash: inputs.anchorHash,
    };
    return { block, inputs, attestation };
  }

  /** Makes and signs `count` blocks. */
  async produce(count = 1, change: Partial<BlockInputs> = {}): Promise<FeedBlock[]> {
    const { mvm, chain, heads } = this.node;
    const made: FeedBlock[] = [];
    for (let index = 0; index < count; index++) {
      const { block, inputs, attestation } = await this.execute(change);
      await mvm.commit(block.hash);
      const signed = signBlock(inputs, attestation);
      const certificate = { bitmap: signed.bitmap, signatures: signed.signatures, members: seats };
      await chain.putSigned(block, { attestation, certificate });
      heads.update({ unsafe: mvm.head(), signed: { number: block.number, hash: block.hash } });
      this.#nonce += inputs.transactions.length;
      made.push(signed);
    }
    return made;
  }
}

/** A feed that tells what the pool has, changed as the test says. */
export class ScriptedFeed implements FeedSource {
  readonly name: string;
  readonly #blocks: SignedBlocks;
  /** What becomes of every block on its way. */
  tamper: (block: FeedBlock) => FeedBlock = (block) => block;
  /** Answers nothing and tells nothing, but keeps the line. */
  silent = false;
  down = false;
  ranges = 0;
  readonly listeners = new Set<FeedListener>();

  constructor(name: string, { node }: { readonly node: Pick<Node, "chain" | "heads" | "mvm" | "logger"> }) {
    this.name = name;
    const { chain, heads, mvm, logger } = node;
    this.#blocks = new SignedBlocks({ chain, heads, reader: mvm.reader, logger });
  }

  async range(from: bigint, count: number): Promise<FeedPage> {
    this.ranges++;
    if (this.down) throw unreachable();
    if (this.silent) return { signed: from - 1n, blocks: [] };
    const { signed, blocks } = await this.#blocks.range(from, count);
    return { signed, blocks: blocks.map((block) => this.tamper(read(block))) };
  }

  async subscribe(listener: FeedListener): Promise<() => void> {
    if (this.down) throw unreachable();
    this.listeners.add(listener);
    const end = this.#blocks.subscribe((block) => {
      if (!this.silent) listener.onBlock(() => this.tamper(read(block)));
    });
    return () => {
      this.listeners.delete(listener);
      end();
    };
  }

  /** The line breaks. */
  cut(): void {
    this.down = true;
    for (const listener of this.listeners) listener.onEnd(unreachable());
  }
}

const read = (block: Hex): FeedBlock => feedBlockFromHex(block, 2 ** 20);
const unreachable = () => new RpcClientError("unreachable", "retry", "down", { method: "feed" });
