import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressOfKey,
  blockAttestationDigest,
  recoverSigner,
  signDigest,
  signingDomain,
  verifyCertificate,
} from "@metis/protocol";
import type { BlockAttestation } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { ManualClock, MemoryStore, silentLogger } from "@metis/runtime";
import { keccak256, toHex } from "viem";
import type { Address, Hex } from "viem";
import { Attester } from "../attester.ts";
import { CommitteeError } from "../errors.ts";
import { ProtectionStore } from "../protection/store.ts";
import { createSet } from "../sets.ts";
import { localSigner } from "../signer.ts";
import { EvidenceStore } from "./evidence.ts";
import type { Equivocation } from "./evidence.ts";
import { AttestationExchange } from "./exchange.ts";
import type { CertifiedBlock } from "./exchange.ts";
import { encodeAttestationMessage } from "./messages.ts";
import type { SignedAttestation } from "./messages.ts";

const hash = (text: string): Hex => keccak256(toHex(text));
const domain = signingDomain(modelGenesis);
const keys = [1, 2, 3, 4, 5].map((number) => hash(`key ${number}`));
const addresses = keys.map((key) => addressOfKey(key));
const set = createSet(addresses.slice(0, 4).map((signer) => ({ signer, weight: 10n })));

const block = (number: bigint, more: Partial<BlockAttestation> = {}): BlockAttestation => ({
  generation: 0,
  epoch: 3n,
  number,
  blockHash: hash(`block ${number}`),
  outputRoot: hash(`output ${number}`),
  anchorNumber: 77n,
  anchorHash: hash("anchor"),
  ...more,
});

/** A pool of exchanges over a network that the test holds: messages fly when `clock` moves, unless their link is cut. */
class Pool {
  readonly clock = new ManualClock();
  readonly members = addresses.map((self, index) => this.#member(self, index));
  readonly away = new Set<number>();

  #member(self: Address, index: number) {
    const store = new MemoryStore();
    const certificates = new Map<bigint, CertifiedBlock>();
    const evidence: Equivocation[] = [];
    const contradictions: BlockAttestation[] = [];
    const heard: (readonly [SignedAttestation, Address])[] = [];
    const mesh = {
      receiver: undefined as ((from: Address, message: Uint8Array) => void) | undefined,
      broadcast: (message: Uint8Array) => addresses.forEach((_, to) => to !== index && this.#carry(index, to, message)),
      send: (to: Address, message: Uint8Array) => this.#carry(index, addresses.indexOf(to), message),
      receive(receiver: (from: Address, message: Uint8Array) => void) {
        mesh.receiver = receiver;
        return () => (mesh.receiver = undefined);
      },
    };
    const exchange = new AttestationExchange(
      {
        domain,
        self,
        attester: new Attester(localSigner(keys[index]!), new ProtectionStore(store, self), domain),
        mesh,
        evidence: new EvidenceStore(store),
        recover: recoverSigner,
        heard: async (given, signer) => void heard.push([given, signer]),
        isMember: (signer) => addresses.includes(signer),
        certified: async (certified) => void certificates.set(certified.attestation.number, certified),
        certificateOf: (number) => certificates.get(number),
        equivocated: (found) => evidence.push(found),
        contradicted: (theirs) => contradictions.push(theirs),
        clock: this.clock,
        logger: silentLogger(),
      },
      0,
      0n,
    );
    exchange.start();
    return { exchange, certificates, evidence, contradictions, heard, mesh, store };
  }

  #carry(from: number, to: number, message: Uint8Array): void {
    if (this.away.has(from) || this.away.has(to)) return;
    this.clock.after(1, () => this.members[to]!.mesh.receiver?.(addresses[from]!, message));
  }

  /** Gives member `to` a message that it takes for one of `from`. */
  async inject(to: number, from: number, message: Parameters<typeof encodeAttestationMessage>[0] | Uint8Array) {
    const bytes = message instanceof Uint8Array ? message : encodeAttestationMessage(message);
    this.members[to]!.mesh.receiver?.(addresses[from]!, bytes);
    await this.clock.advance(2);
  }

  async executed(attestation: BlockAttestation, who: readonly number[]): Promise<void> {
    await Promise.all(who.map((index) => this.members[index]!.exchange.executed(attestation, set)));
    await this.clock.advance(5);
  }
}

const signedBy = (index: number, attestation: BlockAttestation) => ({
  kind: "attestation" as const,
  attestation,
  signature: signDigest(blockAttestationDigest(domain, attestation), keys[index]!),
});

test("a certificate stands as soon as more than two thirds of the weight have signed, not before", async () => {
  const pool = new Pool();
  await pool.executed(block(1n), [0, 1]);
  assert.equal(pool.members[0]!.certificates.size, 0);
  await pool.executed(block(1n), [2]);
  for (const index of [0, 1, 2]) {
    const { certificates, exchange } = pool.members[index]!;
    assert.equal(exchange.certified, 1n);
    const { attestation, certificate } = certificates.get(1n)!;
    const signers = verifyCertificate(certificate, blockAttestationDigest(domain, attestation), set.hash);
    assert.ok(signers.length >= 3);
  }
  assert.equal(pool.members[3]!.exchange.certified, 0n);
});

test("signatures that come before the block count once it is executed, and only if they are for that block", async () => {
  const pool = new Pool();
  await pool.executed(block(1n), [0, 1, 2]);
  await pool.executed(block(1n), [3]);
  assert.equal(pool.members[3]!.exchange.certified, 1n);
  const other = new Pool();
  await other.executed(block(1n), [0, 1]);
  await other.executed(block(1n, { blockHash: hash("another") }), [3]);
  assert.equal(other.members[3]!.certificates.size, 0);
});

test("a member that missed every message asks for the certificates, however many", async () => {
  const pool = new Pool();
  pool.away.add(3);
  for (let number = 1n; number <= 70n; number++) await pool.executed(block(number), [0, 1, 2, 3]);
  assert.equal(pool.members[0]!.exchange.certified, 70n);
  assert.equal(pool.members[3]!.exchange.certified, 0n);
  pool.away.clear();
  await pool.clock.advance(3_000);
  assert.equal(pool.members[3]!.exchange.certified, 70n);
  assert.equal(pool.members[3]!.certificates.size, 70);
});

test("lost votes are asked for: no certificate waits for ever", async () => {
  const pool = new Pool();
  for (const index of [0, 1, 2, 3]) {
    pool.away.clear();
    for (const other of [0, 1, 2, 3]) if (other !== index) pool.away.add(other);
    await pool.executed(block(1n), [index]);
  }
  pool.away.clear();
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => pool.members[index]!.exchange.certified),
    [0n, 0n, 0n, 0n],
  );
  await pool.clock.advance(2_000);
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => pool.members[index]!.exchange.certified),
    [1n, 1n, 1n, 1n],
  );
});

test("two attestations of one signer for one number are evidence, stored before anybody is told, once", async () => {
  const pool = new Pool();
  const second = block(1n, { blockHash: hash("another") });
  await pool.inject(0, 1, signedBy(2, block(1n)));
  await pool.inject(0, 3, signedBy(2, second));
  await pool.inject(0, 1, signedBy(2, second));
  const { evidence, store } = pool.members[0]!;
  assert.deepEqual(
    evidence.map(({ signer }) => signer),
    [addresses[2]],
  );
  assert.deepEqual([...new EvidenceStore(store).entries()], evidence);
  assert.deepEqual([evidence[0]!.first.attestation, evidence[0]!.second.attestation], [block(1n), second]);
});

test("every attestation of a member is told once, below the own head as well, and none of a stranger or another generation", async () => {
  const pool = new Pool();
  const [member] = pool.members;
  await pool.executed(block(1n), [0]);
  await pool.executed(block(2n), [0]);
  const other = signedBy(1, block(1n, { blockHash: hash("another block 1") }));
  await pool.inject(0, 2, other);
  await pool.inject(0, 3, other);
  await pool.inject(0, 1, signedBy(1, block(2n, { generation: 1 })));
  const signature = signDigest(blockAttestationDigest(domain, block(2n)), hash("stranger"));
  await pool.inject(0, 1, { ...signedBy(1, block(2n)), signature });
  assert.deepEqual(
    member!.heard.map(([{ attestation }, signer]) => [attestation, signer]),
    [[other.attestation, addresses[1]]],
  );
});

test("evidence that a full disk refuses is kept once there is room", async () => {
  const pool = new Pool();
  const { evidence, store } = pool.members[0]!;
  const write = store.write.bind(store);
  store.write = async () => Promise.reject(new Error("ENOSPC: no space left on device"));
  await pool.inject(0, 1, signedBy(2, block(1n)));
  await pool.inject(0, 3, signedBy(2, block(1n, { blockHash: hash("another") })));
  assert.deepEqual(evidence, []);
  store.write = write;
  await pool.clock.advance(1000);
  assert.deepEqual([...new EvidenceStore(store).entries()], evidence);
  assert.deepEqual(
    evidence.map(({ signer }) => signer),
    [addresses[2]],
  );
});

test("an equivocation is seen after the block is certified, too", async () => {
  const pool = new Pool();
  await pool.executed(block(1n), [0, 1, 2]);
  await pool.inject(0, 1, signedBy(1, block(1n, { outputRoot: hash("another") })));
  assert.deepEqual(
    pool.members[0]!.evidence.map(({ signer }) => signer),
    [addresses[1]],
  );
});

test("a seat whose key another process uses signs nothing", async () => {
  const pool = new Pool();
  await pool.inject(0, 1, signedBy(0, block(1n, { blockHash: hash("the twin's") })));
  await assert.rejects(
    pool.members[0]!.exchange.executed(block(1n), set),
    (error) => error instanceof CommitteeError && error.code === "double-sign" && error.remedy === "halt",
  );
  assert.equal(pool.members[0]!.exchange.signingFailures, 1);
});

test("more than two thirds for another block than the own is said", async () => {
  const pool = new Pool();
  const theirs = block(1n, { blockHash: hash("theirs") });
  await pool.executed(theirs, [1, 2, 3]);
  assert.equal(pool.members[0]!.contradictions.length, 0);
  await pool.executed(block(1n), [0]);
  assert.deepEqual(pool.members[0]!.contradictions[0], theirs);
  assert.equal(pool.members[0]!.exchange.certified, 0n);
});

test("strangers, other generations, far numbers and noise change nothing", async () => {
  const pool = new Pool();
  const { exchange, certificates, evidence } = pool.members[0]!;
  await exchange.executed(block(1n), set);
  const stranger = hash("stranger");
  const digest = blockAttestationDigest(domain, block(1n));
  await pool.inject(0, 1, { kind: "attestation", attestation: block(1n), signature: signDigest(digest, stranger) });
  const another = block(1n, { blockHash: hash("another") });
  const signature = signDigest(blockAttestationDigest(domain, another), stranger);
  await pool.inject(0, 1, { kind: "attestation", attestation: another, signature });
  await pool.inject(0, 1, signedBy(1, block(1n, { generation: 1 })));
  await pool.inject(0, 1, signedBy(1, block(10_000n)));
  await pool.inject(0, 1, Uint8Array.of(0xc0));
  // In the pool, and not in the epoch's set.
  await pool.inject(0, 4, signedBy(4, block(1n)));
  await pool.inject(0, 1, signedBy(1, block(1n)));
  assert.equal(certificates.size, 0);
  assert.deepEqual(evidence, []);
  await pool.inject(0, 2, signedBy(2, block(1n)));
  assert.equal(exchange.certified, 1n);
});

test("a member without a seat in the set signs nothing and still has the certificates", async () => {
  const pool = new Pool();
  await pool.executed(block(1n), [0, 1, 4]);
  assert.equal(pool.members[4]!.certificates.size, 0);
  await pool.executed(block(1n), [2]);
  const { exchange, store } = pool.members[4]!;
  assert.equal(exchange.certified, 1n);
  assert.deepEqual([...new ProtectionStore(store, addresses[4]!).entries()], []);
  assert.deepEqual(pool.members[4]!.exchange.signersOf(1n), addresses.slice(0, 3).toSorted());
});

test("after a reset the numbers begin anew in the next generation", async () => {
  const pool = new Pool();
  await pool.executed(block(1n), [0, 1, 2, 3]);
  for (const { exchange } of pool.members) await exchange.reset(1, 0n);
  await pool.executed(block(1n, { generation: 1, blockHash: hash("new") }), [0, 1, 2, 3]);
  assert.equal(pool.members[0]!.certificates.get(1n)!.attestation.generation, 1);
});
