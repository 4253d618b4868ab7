import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { AttestationExchange, Attester, EvidenceStore, localSigner, ProtectionStore } from "@metis/committee";
import { openMvm } from "@metis/mvm";
import type { Mvm } from "@metis/mvm";
import {
  addressOfKey,
  BlockFlag,
  decodeBlockInputs,
  encodeAttendance,
  encodeBlockInputs,
  predeploys,
  profiles,
  signingDomain,
  zeroAddress,
  zeroHash,
} from "@metis/protocol";
import type { BlockInputs } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { createMetrics, ManualClock, MemoryStore, silentLogger } from "@metis/runtime";
import { metisSequencerSetAbi } from "@metis/protocol/contracts";
import { decodeFunctionResult, encodeFunctionData, parseTransaction } from "viem";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { buildL2Genesis } from "../deploy/genesis.ts";
import { ChainHeads } from "../heads/heads.ts";
import { ChainStore } from "../heads/store.ts";
import { L1Client } from "../l1/client.ts";
import { DepositReader } from "../l1/deposits.ts";
import { ScriptedL1 } from "../l1/testing/scriptedL1.ts";
import { L1Watcher } from "../l1/watcher.ts";
import type { PooledTransaction } from "../mempool/api.ts";
import { recoverDigestSigner } from "../signatures.ts";
import { fixedEpochSets } from "../pool/epochSets.ts";
import { AnchorSource } from "./anchors.ts";
import { AttendanceBook, nextCountedBlockSlot } from "./attendance.ts";
import { SequencerApplication } from "./application.ts";
import { BlockAttestor } from "./attestor.ts";
import { readOpenBatch } from "./batch.ts";
import { BlockMaker } from "./maker.ts";
import { SigningStatus } from "./status.ts";

const seatKey: Hex = `0x${"42".repeat(32)}`;
const proposer = addressOfKey(seatKey);
const user = privateKeyToAccount(`0x${"11".repeat(32)}`);
const l1Time = 1_700_000_000;

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

/** A member of the pool over `l1`: everything real but the L1 endpoint, the clock and the list of waiting transactions. */
async function startMember(l1: ScriptedL1, clock: ManualClock, dataDir: string) {
  const genesisAnchor = (await l1.request<{ hash: Hex }>("eth_getBlockByNumber", ["0x0"])).hash;
  const config = {
    ...profiles.devnet.chain,
    l1ChainId: 31_337n,
    l2ChainId: 901_088n,
    genesisAnchorNumber: 0n,
    genesisAnchorHash: genesisAnchor,
    genesisAnchorTime: BigInt(l1Time),
  };
  const genesis = buildL2Genesis({
    chainConfig: config,
    anchor: { baseFeePerGas: 7n, excessBlobGas: 0n, mixHash: zeroHash, parentBeaconBlockRoot: zeroHash },
    l1: { messenger: zeroAddress, standardBridge: zeroAddress, emissionReserve: zeroAddress },
    admin: zeroAddress,
    balances: { [user.address]: 10n ** 21n },
  });
  const mvm = await openMvm({ dataDir, genesis });
  const store = new MemoryStore();
  const [logger, metrics, chain] = [silentLogger(), createMetrics(), new ChainStore(store)];
  const client = new L1Client(l1, logger);
  const watcher = new L1Watcher({ l1: client, config, clock, logger, metrics, pollMs: 100 });
  await watcher.start();
  const waiting: Hex[] = [];
  const mempool = { pending: () => waiting.map(pooled), drop: () => undefined };
  const anchors = new AnchorSource(client, new DepositReader(client, zeroAddress), watcher, config);
  const sets = fixedEpochSets([{ signer: proposer, weight: 1n }]);
  const domain = signingDomain(modelGenesis);
  const attester = new Attester(localSigner(seatKey), new ProtectionStore(store, proposer), domain);
  const exchange = new AttestationExchange(
    {
      domain,
      self: proposer,
      attester,
      mesh: undefined,
      evidence: new EvidenceStore(store),
      recover: recoverDigestSigner,
      isMember: (signer) => sets.isMember(signer),
      certified: (block) =>
        chain.putSigned({ number: block.attestation.number, hash: block.attestation.blockHash }, block),
      certificateOf: (number) => chain.certificate(number),
      equivocated: () => undefined,
      contradicted: () => undefined,
      clock,
      logger,
    },
    0,
    0n,
  );
  const certificateOf = chain.certificate.bind(chain);
  const attestor = new BlockAttestor({ reader: mvm.reader, sets, exchange, generation: () => 0, certificateOf });
  const attestersOf = attestor.attestersOf.bind(attestor);
  const attendance = new AttendanceBook({ config, reader: mvm.reader, sets, attestersOf });
  const making = { config, mvm, mempool, anchors, attendance, watcher, clock, metrics, proposer, anchorWaitMs: 0 };
  const maker = new BlockMaker({ ...making, maxBuildMs: 500, maxLeadMs: 0 });
  const head = mvm.head();
  const heads = new ChainHeads({ unsafe: head, signed: head, safe: head, finalized: head }, metrics);
  const status = new SigningStatus(chain, logger, metrics);
  const application = new SequencerApplication({ config, mvm, maker, attestor, status, heads, sets, logger });
  return { application, mvm, waiting, watcher, heads, chain, status, maker, making, config };
}

const pooled = (raw: Hex): PooledTransaction => ({
  hash: raw,
  raw,
  sender: user.address,
  transaction: parseTransaction(raw as `0x02${string}`) as never,
  size: (raw.length - 2) / 2,
  arrival: 0,
  addedAt: 0,
  cost: 0n,
});

const blockHash = async (mvm: Mvm, number: bigint): Promise<Hex> => (await mvm.reader.block(number))!.hash;

suite("a member of the pool and a proposal that is not its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "metis-member-"));
  const l1 = new ScriptedL1();
  const clock = new ManualClock((l1Time + 12 * 10) * 1000);
  let leader: Awaited<ReturnType<typeof startMember>>;
  let member: Awaited<ReturnType<typeof startMember>>;
  let height = 1n;
  before(async () => {
    l1.mine(10);
    leader = await startMember(l1, clock, join(folder, "leader"));
    member = await startMember(l1, clock, join(folder, "member"));
  });
  after(async () => {
    for (const { mvm, watcher } of [leader, member]) {
      await watcher.stop();
      await mvm.close();
    }
    rmSync(folder, { recursive: true });
  });

  test("accepts a right one by executing it, and both commit the same block", async () => {
    leader.waiting.push(await transfer(0));
    const proposal = (await leader.application.prepareProposal({ height }))!;
    for (const { application } of [leader, member]) {
      assert.equal(await application.processProposal({ height, proposer, proposal }), "accept");
      await application.finalizeBlock({ height, proposer, proposal });
    }
    leader.waiting.length = 0;
    height += 1n;
    assert.equal(await blockHash(member.mvm, 1n), await blockHash(leader.mvm, 1n));
    assert.equal(member.chain.marks().signed?.number, 1n);
    assert.equal(member.chain.certificate(1n)?.attestation.blockHash, await blockHash(leader.mvm, 1n));
  });

  test("counts who was there in the state of the chain, each block once, when the anchor moves", async () => {
    for (let block = 0; block < 4; block++) {
      l1.mine();
      await clock.advance(12_000);
      const proposal = (await leader.application.prepareProposal({ height }))!;
      assert.equal(await member.application.processProposal({ height, proposer, proposal }), "accept");
      for (const { application } of [leader, member]) await application.finalizeBlock({ height, proposer, proposal });
      height += 1n;
      const { mvm } = member;
      const next = await mvm.reader.storage(predeploys.metisSequencerSet, nextCountedBlockSlot, mvm.head().number);
      const data = encodeFunctionData({ abi: metisSequencerSetAbi, functionName: "countsOf", args: [0n] });
      const call = await mvm.reader.call({ to: predeploys.metisSequencerSet, data }, "latest");
      assert.ok(call.status === "success");
      const [blocks, , words] = decodeFunctionResult({
        abi: metisSequencerSetAbi,
        functionName: "countsOf",
        data: call.output,
      });
      assert.equal(blocks, mvm.head().number - 2n);
      assert.equal(BigInt(next!), blocks === 0n ? 0n : blocks + 1n);
      assert.deepEqual(words, blocks === 0n ? [] : [blocks | (blocks << 32n)], "proposed and attested all of them");
    }
  });

  test("is asked again for a decided block after a crash, and answers alike", async () => {
    const number = member.mvm.head().number;
    const inputs = (await member.mvm.reader.block(number))!.inputs!;
    await member.application.finalizeBlock({ height: height - 1n, proposer, proposal: encodeBlockInputs(inputs) });
    assert.equal(member.mvm.head().number, number);
  });

  const wrong: Readonly<Record<string, (good: BlockInputs) => Promise<BlockInputs> | BlockInputs>> = {
    "a time more than two seconds ahead": (good) => ({ ...good, time: BigInt(clock.now()) / 1000n + 3n }),
    "a time that does not grow": (good) => ({ ...good, time: good.time - 1_000n }),
    "another number": (good) => ({ ...good, number: good.number + 1n }),
    "another generation": (good) => ({ ...good, generation: 1 }),
    "a proposer without a seat": (good) => ({ ...good, proposer: user.address.toLowerCase() as Hex }),
    "an anchor that is not deep enough": (good) => ({
      ...good,
      anchorNumber: BigInt(l1.head.number),
      anchorHash: l1.head.hash,
    }),
    "another hash for the anchor": (good) => ({ ...good, anchorHash: zeroHash }),
    "deposits that are not there": (good) => ({ ...good, depositEnd: good.depositEnd + 1n }),
    "a fallback flag": (good) => ({ ...good, flags: good.flags | BlockFlag.fallback }),
    "a rate without an anchor move": async (good) => {
      const { inputs } = (await member.mvm.reader.block(member.mvm.head().number))!;
      return { ...good, anchorNumber: inputs!.anchorNumber, anchorHash: inputs!.anchorHash, rate: 5n };
    },
    "a rate that the chain would clamp": (good) => ({ ...good, rate: 10n ** 30n }),
    "an attendance that does not count the next blocks": (good) => ({
      ...good,
      attendance: encodeAttendance({ epoch: 0n, runs: [{ firstBlock: 5n, blocks: 1, proposer: 0, attested: 1n }] }),
    }),
    "bytes that are no transaction": (good) => ({ ...good, transactions: ["0x02c0"] }),
    "a transaction that would be skipped": async (good) => ({ ...good, transactions: [await transfer(77)] }),
    "a transaction twice": async (good) => ({ ...good, transactions: [await transfer(1), await transfer(1)] }),
  };
  for (const [name, change] of Object.entries(wrong))
    test(`refuses ${name}, and loses nothing by it`, async () => {
      leader.waiting.splice(0, leader.waiting.length, await transfer(1));
      // The next anchor is usable, so that the good one moves to it.
      l1.mine();
      await clock.advance(12_000);
      const good = decodeBlockInputs((await leader.application.prepareProposal({ height }))!);
      const changed = await change(good);
      const head = member.mvm.head();
      const request = { height, proposer: changed.proposer, proposal: encodeBlockInputs(changed) };
      assert.equal(await member.application.processProposal(request), "reject");
      assert.deepEqual(member.mvm.head(), head);
      const right = { height, proposer, proposal: encodeBlockInputs(good) };
      assert.equal(await member.application.processProposal(right), "accept");
    });

  test("refuses one that it accepted from another as somebody else's", async () => {
    l1.mine();
    await clock.advance(12_000);
    const proposal = (await leader.application.prepareProposal({ height }))!;
    assert.equal(await member.application.processProposal({ height, proposer, proposal }), "accept");
    const other = user.address.toLowerCase() as Hex;
    assert.equal(await member.application.processProposal({ height, proposer: other, proposal }), "reject");
    assert.equal(await member.application.processProposal({ height, proposer, proposal }), "accept");
  });

  test("commits a decided one although its time is ahead of the own clock: two thirds think otherwise", async () => {
    leader.waiting.length = 0;
    l1.mine();
    await clock.advance(12_000);
    const good = decodeBlockInputs((await leader.application.prepareProposal({ height }))!);
    const proposal = encodeBlockInputs({ ...good, time: BigInt(clock.now()) / 1000n + 30n });
    assert.equal(await member.application.processProposal({ height, proposer, proposal }), "reject");
    for (const { application } of [leader, member]) await application.finalizeBlock({ height, proposer, proposal });
    height += 1n;
    await clock.advance(30_000);
    assert.equal(member.mvm.head().number, good.number);
    assert.equal(member.mvm.head().hash, leader.mvm.head().hash);
  });

  test("is given a block anew that it has, and still knows which batch the next one belongs to", async () => {
    const number = member.mvm.head().number;
    const inputs = (await member.mvm.reader.block(number))!.inputs!;
    await member.maker.openBatch();
    for (let again = 0; again < 3; again++)
      await member.application.finalizeBlock({ height: height - 1n, proposer, proposal: encodeBlockInputs(inputs) });
    const fresh = await readOpenBatch(member.config, member.mvm.reader, number);
    assert.equal((await member.maker.openBatch()).cutter.size, fresh.cutter.size);
  });

  test("is begun earlier by who leads while blocks are cut for want of time, and by nobody else", async () => {
    const hurried = new BlockMaker({ ...leader.making, metrics: createMetrics(), maxBuildMs: -1, maxLeadMs: 200 });
    let nonce = 1;
    const decide = async (): Promise<void> => {
      await clock.advance(5_000);
      leader.waiting.splice(0, leader.waiting.length, await transfer(nonce++));
      const proposal = (await leader.application.prepareProposal({ height }))!;
      for (const { application } of [leader, member]) await application.finalizeBlock({ height, proposer, proposal });
      height += 1n;
    };
    await decide();
    const due = async (): Promise<readonly [boolean, boolean]> => [
      await hurried.isDue(true),
      await hurried.isDue(false),
    ];
    leader.waiting.splice(0, leader.waiting.length, await transfer(nonce));
    await clock.advance(999);
    assert.deepEqual(await due(), [false, false]);
    await clock.advance(1);
    for (const leadMs of [150, 200, 200]) {
      assert.equal(
        await hurried.make(0),
        undefined,
        "no time for the one transaction, and nothing else to make a block for",
      );
      assert.equal(hurried.leadMs, leadMs);
    }
    await decide();
    leader.waiting.splice(0, leader.waiting.length, await transfer(nonce));
    await clock.advance(799);
    assert.deepEqual(await due(), [false, false]);
    await clock.advance(1);
    assert.deepEqual(await due(), [true, false]);
  });

  test("refuses bytes that are no proposal", async () => {
    for (const proposal of [Uint8Array.of(1), Uint8Array.of(0xc0), new Uint8Array(100).fill(0xff)])
      assert.equal(await member.application.processProposal({ height, proposer, proposal }), "reject");
  });

  test("neither makes nor votes for nor commits a block of a generation that L1 left, even where its own were taken back", async () => {
    l1.mine();
    await clock.advance(12_000);
    const proposal = (await leader.application.prepareProposal({ height }))!;
    assert.equal(await member.application.processProposal({ height, proposer, proposal }), "accept");
    const head = member.mvm.head();
    await member.status.leave(0);
    assert.equal(await member.application.isDue({ height, leads: true }), false);
    assert.equal(await member.application.prepareProposal({ height }), undefined);
    assert.equal(await member.application.processProposal({ height, proposer, proposal }), "reject");
    await assert.rejects(member.application.finalizeBlock({ height, proposer, proposal }), {
      code: "proposal-rejected",
    });
    assert.deepEqual(member.mvm.head(), head);
    const restarted = new SigningStatus(member.chain, silentLogger(), createMetrics());
    assert.equal(restarted.state().may, false, "a crash between the rewind and the next generation changes nothing");
    member.status.adopt(1);
    assert.deepEqual(member.status.state(), { may: true, generation: 1 });
    member.status.retreat(0);
    assert.equal(member.status.state().may, false, "L1 took the raise back: what was signed in 0 cannot be made again");
    member.status.adopt(1);
  });

  test("puts no block of an earlier generation on one that L1 made in the next, decided or not", async () => {
    l1.mine();
    await clock.advance(12_000);
    const decided = decodeBlockInputs((await leader.application.prepareProposal({ height }))!);
    const { inputs } = (await member.mvm.reader.block(member.mvm.head().number))!;
    const place = { number: decided.number, time: inputs!.time + 1n, generation: 1, flags: BlockFlag.batchEnd };
    const raised = { ...inputs!, ...place, depositStart: inputs!.depositEnd, rate: 0n, transactions: [] };
    const context = await member.maker.contextOf(raised);
    assert.ok(!("broken" in context));
    const { hash } = await member.mvm.execute(context);
    await member.mvm.commit(hash);
    member.maker.reset();
    const next = { ...decided, number: decided.number + 1n };
    assert.deepEqual(await member.maker.contextOf(next, true), { broken: "its generation is over" });
    assert.equal(await member.maker.make(0), undefined);
    assert.equal(member.mvm.head().hash, hash);
  });
});
