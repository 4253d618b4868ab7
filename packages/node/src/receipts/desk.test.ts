import assert from "node:assert/strict";
import { test } from "node:test";
import { localSigner } from "@metis/committee";
import { receiptDigest } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { createMetrics, ManualClock, silentLogger } from "@metis/runtime";
import { keccak256, zeroAddress, zeroHash } from "viem";
import type { Address, Hex } from "viem";
import { MempoolError } from "../mempool/errors.ts";
import { ReceiptDesk } from "./desk.ts";
import { ReceiptError } from "./errors.ts";
import { decodeReceiptMessage, encodeReceiptMessage } from "./messages.ts";
import type { SignedReceipt } from "./signed.ts";

const domain = { name: "Metis", version: "1", chainId: 7n, verifyingContract: zeroAddress, salt: zeroHash };
const signers = [1, 2, 3].map((index) => localSigner(`0x${`0${index}`.repeat(32)}`));
const raws: readonly Hex[] = ["0x02c0", "0x02c1"];

/** Members with desks over a network that the test can bend; the first one leads. */
class Members {
  readonly clock = new ManualClock();
  readonly desks: ReceiptDesk[] = [];
  readonly pools: Hex[][] = [];
  leader: Address | undefined = signers[0]!.address;
  connected = true;
  /** What becomes of a message on its way. */
  bend: (from: Address, message: Uint8Array) => Uint8Array | undefined = (_, message) => message;
  /** What the leader answers instead of a receipt. */
  refusal: ReceiptError | MempoolError | undefined;
  readonly #receivers = new Map<Address, (from: Address, message: Uint8Array) => void>();
  #sequence = 0n;

  constructor() {
    for (const { address } of signers) this.#join(address);
  }

  #join(self: Address): void {
    const pool: Hex[] = [];
    const add = async (raw: Hex): Promise<Hash> => {
      if (pool.includes(raw)) throw new MempoolError("already-known", "already known");
      pool.push(raw);
      return keccak256(raw);
    };
    const send = (to: Address, message: Uint8Array): void => {
      const bent = this.bend(self, message);
      if (bent) this.clock.after(1, () => this.#receivers.get(to)?.(self, bent));
    };
    const desk = new ReceiptDesk({
      self,
      domain,
      issuer: { give: (hash) => this.#give(self, hash) },
      submit: add,
      add,
      mesh: {
        send,
        broadcast: (message) => signers.forEach(({ address }) => address !== self && send(address, message)),
        receive: (receiver) => {
          this.#receivers.set(self, receiver);
          return () => this.#receivers.delete(self);
        },
      },
      leader: () => this.leader,
      isConnected: () => this.connected,
      isMember: (address) => signers.some((signer) => signer.address === address),
      generation: () => 0,
      clock: this.clock,
      logger: silentLogger(),
      metrics: createMetrics(),
    });
    this.pools.push(pool);
    this.desks.push(desk);
  }

  async start(): Promise<this> {
    for (const desk of this.desks) await desk.start();
    return this;
  }

  async #give(self: Address, transactionHash: Hash): Promise<SignedReceipt> {
    if (this.refusal) throw this.refusal;
    const signer = signers.find(({ address }) => address === self)!;
    const receipt = { generation: 0, transactionHash, sequence: ++this.#sequence, firstBlock: 1n, lastBlock: 256n };
    return { receipt, signer: self, signature: await signer.sign(receiptDigest(domain, receipt)) };
  }
}

test("a member asks the leader for its user's receipt, and everybody hears of it", async () => {
  const members = await new Members().start();
  const seen = members.desks.map(() => [] as SignedReceipt[]);
  members.desks.forEach((desk, at) => desk.subscribe((receipt) => void seen[at]!.push(receipt)));
  const asked = members.desks[1]!.submit(raws[0]!);
  await members.clock.advance(5);
  const receipt = await asked;
  assert.equal(receipt.signer, signers[0]!.address);
  assert.equal(receipt.receipt.transactionHash, keccak256(raws[0]!));
  assert.deepEqual(members.pools, [[raws[0]], [raws[0]], []], "the leader and who asked have the transaction");
  await members.clock.advance(30);
  for (const of of seen) assert.deepEqual(new Set(of.map(({ receipt: { sequence } }) => sequence)), new Set([1n]));
  assert.equal((await members.desks[0]!.submit(raws[1]!)).receipt.sequence, 2n);
});

test("the leader's refusal reaches the user with its reason", async () => {
  const members = await new Members().start();
  for (const [refusal, code] of [
    [new ReceiptError("later-nonce", zeroHash), "later-nonce"],
    [new MempoolError("pool-full", "txpool is full"), "has-to-wait"],
  ] as const) {
    members.refusal = refusal;
    const asked = members.desks[1]!.submit(raws[0]!);
    asked.catch(() => undefined);
    await members.clock.advance(5);
    await assert.rejects(asked, { code, payload: { transactionHash: keccak256(raws[0]!) } });
  }
});

test("without a leader, a link or an answer the user is told, and the transaction stays", async () => {
  const members = await new Members().start();
  members.leader = undefined;
  await assert.rejects(members.desks[1]!.submit(raws[0]!), { code: "leader-unreachable" });
  members.leader = signers[0]!.address;
  members.connected = false;
  await assert.rejects(members.desks[1]!.submit(raws[0]!), { code: "leader-unreachable" });
  members.connected = true;
  members.bend = () => undefined;
  const asked = members.desks[1]!.submit(raws[0]!);
  asked.catch(() => undefined);
  await members.clock.advance(1_001);
  await assert.rejects(asked, { code: "receipt-timeout" });
  assert.deepEqual(members.pools[1], [raws[0]]);
});

test("only the leader's own signature on this very transaction is an answer", async () => {
  const members = await new Members().start();
  const other = signers[2]!;
  for (const forge of ["other signer", "other transaction"]) {
    const receipt = {
      generation: 0,
      transactionHash: keccak256(raws[forge === "other signer" ? 0 : 1]!),
      sequence: 1n,
      firstBlock: 1n,
      lastBlock: 256n,
    };
    const key = forge === "other signer" ? other : signers[0]!;
    const signature = await key.sign(receiptDigest(domain, receipt));
    members.bend = (_, message) => {
      const sent = decodeReceiptMessage(message);
      return sent.kind === "receipt" ? encodeReceiptMessage({ ...sent, receipt, signature }) : message;
    };
    const asked = members.desks[1]!.submit(raws[0]!);
    asked.catch(() => undefined);
    await members.clock.advance(1_010);
    await assert.rejects(asked, { code: "receipt-timeout" });
  }
});
