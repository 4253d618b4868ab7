import assert from "node:assert/strict";
import { test } from "node:test";
import { localSigner } from "@metis/committee";
import { addressOfKey, batchHash, signingDomain, stateClaimDigest, verifyCertificate } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { createMetrics, ManualClock, MemoryStore, silentLogger } from "@metis/runtime";
import type { Address, Hex } from "viem";
import { ChainHeads } from "../heads/heads.ts";
import type { DerivedBatch } from "../heads/records.ts";
import { ChainStore } from "../heads/store.ts";
import { fixedEpochSets } from "../pool/epochSets.ts";
import { blockOf, blocks, genesisHeader, hash, own, parent, requestOf } from "./batches.fixture.ts";
import { BatchCosigner } from "./cosigner.ts";
import { claimOfDerived } from "./cut.ts";
import type { BatchDraft } from "./cut.ts";
import { encodeBatchMessage } from "./messages.ts";
import type { BatchMessage, BatchRequest } from "./messages.ts";
import { reviewData, reviewStructs } from "./review.ts";
import type { OwnBatch } from "./review.ts";

const domain = signingDomain(modelGenesis);
const keys = [1, 2, 3, 4].map((number) => hash(`key ${number}`));
const addresses = keys.map((key) => addressOfKey(key));
const sets = fixedEpochSets(addresses.map((signer) => ({ signer, weight: 10n })));
const genesis: DerivedBatch = {
  header: genesisHeader,
  batchHash: batchHash(genesisHeader),
  l1BlockNumber: 1n,
  l1BlockHash: hash("l1"),
  transactionHash: hash("transaction"),
  firstBlock: 0n,
  lastBlock: 0n,
  lastBlockHash: hash("block 0"),
  outputRoots: [parent.outputRoot],
  inputsRoot: hash("inputs"),
  verdict: { kind: "good" },
};
const draft: BatchDraft = { ...requestOf(), versionedHashes: [] };

/** Cosigners of one pool over a network that the test holds; what each of them knows of the next batch is `views`. */
class Pool {
  readonly clock = new ManualClock();
  readonly away = new Set<number>();
  readonly views: (OwnBatch | undefined)[];
  readonly members: ReturnType<Pool["member"]>[] = [];

  constructor(views: readonly (OwnBatch | undefined)[]) {
    this.views = [...views];
  }

  async start(): Promise<this> {
    for (const index of keys.keys()) this.members.push(this.member(index));
    for (const { chain, cosigner } of this.members) {
      await chain.putDerived(genesis);
      await cosigner.start();
    }
    return this;
  }

  member(index: number) {
    const store = new MemoryStore();
    const chain = new ChainStore(store);
    const metrics = createMetrics();
    const start = { number: 2n, hash: hash("block 2") };
    const heads = new ChainHeads({ unsafe: start, signed: start, safe: start, finalized: start }, metrics);
    const mesh = {
      receiver: undefined as ((from: Address, message: Uint8Array) => void) | undefined,
      broadcast: (message: Uint8Array) => addresses.forEach((_, to) => this.carry(index, to, message)),
      send: (to: Address, message: Uint8Array) => this.carry(index, addresses.indexOf(to), message),
      receive(receiver: (from: Address, message: Uint8Array) => void) {
        mesh.receiver = receiver;
        return () => (mesh.receiver = undefined);
      },
    };
    const assembler = {
      own: async () => this.views[index],
      review: async (mine: OwnBatch, request: BatchRequest) =>
        reviewData(mine, request) ?? reviewStructs(mine, request, []) ?? { ...request, versionedHashes: [] },
    };
    const cosigner = new BatchCosigner({
      domain,
      signer: localSigner(keys[index]!),
      sets,
      assembler,
      chain,
      heads,
      status: { state: () => ({ may: true, generation: 0 }) },
      mesh,
      clock: this.clock,
      logger: silentLogger(),
      metrics,
    });
    return { cosigner, chain, mesh };
  }

  carry(from: number, to: number, message: Uint8Array): void {
    if (from === to || this.away.has(from) || this.away.has(to)) return;
    this.clock.after(1, () => this.members[to]!.mesh.receiver?.(addresses[from]!, message));
  }

  async pass(ms: number): Promise<void> {
    for (let step = 0; step < ms; step += 10) {
      await this.clock.advance(10);
      await new Promise(setImmediate);
    }
  }

  async ask(index: number, asked: BatchDraft = draft): Promise<void> {
    await this.members[index]!.cosigner.certify(asked);
    await this.pass(100);
  }

  async stop(): Promise<void> {
    for (const { cosigner } of this.members) await cosigner.stop();
  }

  /** Members that hold batch 1 certified. */
  holders(): readonly number[] {
    return [...keys.keys()].filter((index) => this.members[index]!.chain.cut(1n) !== undefined);
  }
}

const pool = (views: readonly (OwnBatch | undefined)[] = [own, own, own, own]): Promise<Pool> =>
  new Pool(views).start();
const others: OwnBatch = { ...own, blocks: [blockOf(blocks[0]!.inputs, hash("other")), blocks[1]!] };

test("more than two thirds sign what they rebuilt, and every one of them holds the certified batch", async () => {
  const net = await pool();
  await net.ask(0);
  assert.deepEqual(net.holders(), [0, 1, 2, 3]);
  for (const { chain } of net.members) {
    const { certificate, claim, header } = chain.cut(1n)!;
    assert.deepEqual(header, draft.header);
    const set = await sets.of(0n);
    assert.ok(verifyCertificate(certificate, stateClaimDigest(domain, claim), set.hash).length >= 3);
  }
  await net.stop();
});

test("members with other blocks do not sign, and two of four are not enough", async () => {
  const net = await pool([own, own, others, others]);
  await net.ask(0);
  assert.deepEqual(net.holders(), []);
  await net.stop();
});

test("a member that has not all blocks signed yet answers when it has", async () => {
  const net = await pool([own, own, undefined, undefined]);
  await net.ask(0);
  assert.deepEqual(net.holders(), []);
  net.views[2] = own;
  await net.pass(1_500);
  assert.deepEqual(net.holders(), [0, 1, 2]);
  await net.stop();
});

test("lost requests and signatures are asked for again", async () => {
  const net = await pool();
  net.away.add(1).add(2).add(3);
  await net.ask(0);
  assert.deepEqual(net.holders(), []);
  net.away.clear();
  net.away.add(3);
  await net.pass(2_000);
  await net.ask(0);
  assert.deepEqual(net.holders(), [0, 1, 2]);
  await net.stop();
});

test("a batch that is not the next one, or forged in one field, is signed by nobody", async () => {
  for (const header of [
    { ...draft.header, batchIndex: 2n },
    { ...draft.header, parentHash: hash("another parent") },
    { ...draft.header, epoch: 1n },
    { ...draft.header, lastTimestamp: draft.header.lastTimestamp + 1n },
  ]) {
    const net = await pool();
    await net.ask(0, { ...draft, header, claim: { ...draft.claim, batchHash: batchHash(header) } });
    for (const { chain } of net.members) assert.equal(chain.lastCut(), undefined);
    await net.stop();
  }
});

test("noise, strangers' signatures and floods of variants change nothing", async () => {
  const net = await pool();
  const receive = (from: number, message: BatchMessage | Uint8Array): void =>
    net.members[0]!.mesh.receiver?.(
      addresses[from]!,
      message instanceof Uint8Array ? message : encodeBatchMessage(message),
    );
  const digest = stateClaimDigest(domain, draft.claim);
  const signature: Hex = await localSigner(hash("stranger")).sign(digest);
  net.away.add(1).add(2).add(3);
  receive(1, Uint8Array.of(0xc0));
  for (const from of [1, 2, 3]) receive(from, { kind: "signature", batchIndex: 1n, digest, signature });
  for (let variant = 0; variant < 50; variant++) {
    receive(1, { kind: "batch", ...draft, header: { ...draft.header, payloadSize: variant } });
    receive(1, { kind: "signature", batchIndex: 1n, digest: hash(`${variant}`), signature });
    await net.pass(20);
  }
  await net.ask(0);
  assert.deepEqual(net.holders(), []);
  await net.stop();
});

test("the claim of a batch that is on L1 without one is signed when it is that of the own derivation", async () => {
  const net = await pool();
  const header = { ...draft.header, dataMode: 3, parentHash: genesis.batchHash };
  const escaped: DerivedBatch = { ...genesis, header, batchHash: batchHash(header), firstBlock: 1n, lastBlock: 2n };
  for (const { chain } of net.members) await chain.putDerived(escaped);
  const { cosigner } = net.members[0]!;
  const claim = claimOfDerived(escaped, parent.outputRoot);
  const forged = { ...claim, outputRoot: hash("wrong") };
  assert.equal(await cosigner.certifyClaim(escaped, forged), undefined);
  await net.pass(100);
  assert.equal(await cosigner.certifyClaim(escaped, forged), undefined);
  assert.equal(await cosigner.certifyClaim(escaped, claim), undefined);
  await net.pass(100);
  assert.ok(await cosigner.certifyClaim(escaped, claim));
  await net.stop();
});
