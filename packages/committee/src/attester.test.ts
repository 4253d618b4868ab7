import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { blockAttestationDigest, recoverSigner, signingDomain } from "@metis/protocol";
import type { BlockAttestation } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { MemoryStore, openLmdbStore } from "@metis/runtime";
import { numberToHex, zeroHash } from "viem";
import type { Hex } from "viem";
import { Attester } from "./attester.ts";
import { CertificateCollector } from "./certificates.ts";
import { ProtectionStore } from "./protection/store.ts";
import { createSet, faultToleranceWarning } from "./sets.ts";
import { localSigner } from "./signer.ts";

const key = (index: number): Hex => numberToHex(index + 1, { size: 32 });

const domain = signingDomain(modelGenesis);
const attestation = (blockHash: Hex): BlockAttestation => ({
  generation: 0,
  epoch: 0n,
  number: 1n,
  blockHash,
  outputRoot: zeroHash,
  anchorNumber: 3n,
  anchorHash: zeroHash,
});

test("a signature recovers to the signer under this chain's domain and under no other", async () => {
  const signer = localSigner(key(0));
  const attester = new Attester(signer, new ProtectionStore(new MemoryStore(), signer.address), domain);
  const { digest, signature } = await attester.attest(attestation(zeroHash));
  assert.equal(recoverSigner(digest, signature), signer.address);
  const elsewhere = signingDomain({ ...modelGenesis, l2ChainId: 1088n });
  const otherDigest = blockAttestationDigest(elsewhere, attestation(zeroHash));
  assert.notEqual(recoverSigner(otherDigest, signature), signer.address);
});

test("the record is on disk before the key is used", async () => {
  const signer = localSigner(key(0));
  const protection = new ProtectionStore(new MemoryStore(), signer.address);
  let recordedFirst = false;
  const watching = {
    address: signer.address,
    sign: (digest: Hex) => {
      recordedFirst = protection.highest()?.digest === digest;
      return signer.sign(digest);
    },
  };
  await new Attester(watching, protection, domain).attest(attestation(zeroHash));
  assert.ok(recordedFirst);
});

test("kill -9 between the record and the signature: after a restart another block is refused, the same one signed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "metis-protection-"));
  const signer = localSigner(key(0));
  try {
    const child = spawn(
      process.execPath,
      ["--conditions=@metis/source", join(import.meta.dirname, "testing", "killedAttester.ts"), folder, key(0)],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const killedBy = await new Promise<string | null>((resolve) => child.on("exit", (_, signal) => resolve(signal)));
    assert.equal(killedBy, "SIGKILL");
    const store = openLmdbStore({ path: folder });
    const attester = new Attester(signer, new ProtectionStore(store, signer.address), domain);
    const other = attestation(numberToHex(2, { size: 32 }));
    await assert.rejects(attester.attest(other), (error) => (error as { code?: string }).code === "double-sign");
    await attester.attest(attestation(zeroHash));
    await store.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a certificate needs strictly more than two thirds of the weight", async () => {
  const signers = [0, 1, 2].map((index) => localSigner(key(index)));
  const set = createSet(signers.map(({ address }) => ({ signer: address, weight: 1n })));
  const digest = blockAttestationDigest(domain, attestation(zeroHash));
  const collector = new CertificateCollector(set, digest);
  collector.add(await signers[0]!.sign(digest));
  collector.add(await signers[0]!.sign(digest));
  collector.add(await signers[1]!.sign(digest));
  assert.equal(collector.certificate(), undefined, "two of three are exactly two thirds");
  assert.throws(() => collector.add(`0x${"11".repeat(65)}`), /nobody/);
  collector.add(await signers[2]!.sign(digest));
  assert.equal(collector.certificate()?.bitmap, 7n);
});

test("the operator is told whether the pool survives the loss of a member", () => {
  const seats = (count: number) =>
    createSet(Array.from({ length: count }, (_, index) => ({ signer: localSigner(key(index)).address, weight: 5n })));
  assert.match(faultToleranceWarning(seats(1)) ?? "", /one seat/);
  assert.match(faultToleranceWarning(seats(3)) ?? "", /3 seats/);
  assert.equal(faultToleranceWarning(seats(4)), undefined);
});
