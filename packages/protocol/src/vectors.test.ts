// Every vector file of docs/spec/vectors, frozen and made by an independent formulation (generate.mjs there).
/* oxlint-disable typescript/no-unnecessary-type-parameters -- the shape of a vector is known where it is checked */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bytesToHex, domainSeparator, hexToBytes, type Address, type Hex } from "viem";
import * as protocol from "./index.ts";

type Input = Record<string, string>;
interface Vector<In = Input, Out = Hex> {
  readonly name: string;
  readonly input: In;
  readonly output: Out;
}

function vectors<In = Input, Out = Hex>(file: string, check: (input: In, output: Out) => void): void {
  const path = new URL(`../../../docs/spec/vectors/${file}.json`, import.meta.url);
  const all = JSON.parse(readFileSync(path, "utf8")) as Vector<In, Out>[];
  assert.ok(all.length > 0, `${file} is empty`);
  for (const { name, input, output } of all) test(`${file}: ${name}`, () => check(input, output));
}

/** Reads a struct of decimal strings and hex as the protocol's types: a field is a number where `numbers` names it. */
function struct<Struct>(input: object, numbers: readonly string[] = []): Struct {
  const entries = Object.entries(input).map(([key, value]: [string, unknown]) => {
    if (typeof value !== "string" || value.startsWith("0x")) return [key, value];
    return [key, numbers.includes(key) ? Number(value) : BigInt(value)];
  });
  return Object.fromEntries(entries) as Struct;
}
const headerNumbers = ["version", "generation", "dataMode", "payloadSize"];
/** The signing domain does not matter to a struct's hash; vectors use that of the first genesis config. */
const genesisConfigs = JSON.parse(
  readFileSync(new URL("../../../docs/spec/vectors/genesisConfig.json", import.meta.url), "utf8"),
) as Vector[];
const domain = protocol.signingDomain(struct(genesisConfigs[0]!.input));

vectors<Input, Record<string, Hex>>("deposit", (input, output) => {
  const deposit = struct<protocol.Deposit>(input);
  const transaction = protocol.depositTransaction(deposit);
  const encoded = protocol.encodeDepositTransaction(transaction);
  assert.equal(protocol.depositHash(deposit), output["depositHash"]);
  assert.equal(transaction.sourceHash, output["sourceHash"]);
  assert.equal(bytesToHex(encoded), output["transaction"]);
  assert.equal(protocol.depositTransactionHash(transaction), output["transactionHash"]);
  assert.deepEqual(protocol.decodeDepositTransaction(encoded), transaction);
});
vectors("queueHash", ({ previous, ...input }, output) => {
  assert.equal(protocol.nextQueueHash(previous as Hex, struct(input)), output);
});
vectors("sourceHash", ({ domain: kind, value }, output) => {
  const hash = kind === "2" ? protocol.depositSourceHash : protocol.systemSourceHash;
  assert.equal(hash(BigInt(value!)), output);
});
vectors<Address>("alias", (input, output) => {
  assert.equal(protocol.applyAlias(input), output);
  assert.equal(protocol.undoAlias(output), input);
});
vectors("blockInputs", (input, output) => {
  assert.equal(protocol.inputsLeaf(struct(input, ["generation", "flags"])), output);
});
interface InclusionInput extends Record<string, unknown> {
  readonly firstBlock: string;
  readonly number: string;
  readonly outputRoots: readonly Hex[];
}
vectors<InclusionInput, { outputPath: Hex[]; outputsRoot: Hex }>(
  "inclusion",
  ({ firstBlock, number, outputRoots }, { outputPath, outputsRoot }) => {
    assert.deepEqual(protocol.merklePath(outputRoots, Number(BigInt(number) - BigInt(firstBlock))), outputPath);
    assert.equal(protocol.merkleRoot(outputRoots), outputsRoot);
  },
);
vectors<Hex[]>("merkleRoot", (leaves, output) => {
  assert.equal(protocol.merkleRoot(leaves), output);
});
vectors("extraData", (input, output) => {
  const extra = struct<protocol.ExtraData>(input, ["generation", "flags"]);
  assert.equal(protocol.encodeExtraData(extra), output);
  assert.deepEqual(protocol.decodeExtraData(output), extra);
});
vectors<protocol.OutputRootPreimage>("outputRoot", (input, output) => {
  assert.equal(protocol.outputRoot(input), output);
});
vectors<Input, Record<string, Hex>>("genesisConfig", (input, output) => {
  const config = struct<protocol.GenesisConfig>(input);
  assert.equal(protocol.genesisConfigHash(config), output["genesisConfigHash"]);
  assert.equal(domainSeparator({ domain: protocol.signingDomain(config) }), output["domainSeparator"]);
});

vectors<Input, Record<string, Hex>>("dataHeader", (input, output) => {
  const header = struct<protocol.DataHeader>(input, headerNumbers);
  assert.equal(protocol.encodeDataHeader(header), output["encoded"]);
  assert.deepEqual(protocol.decodeDataHeader(output["encoded"]!), header);
  assert.equal(protocol.batchHash(header), output["structHash"]);
});
vectors<Input, Record<string, Hex>>("stateClaim", (input, output) => {
  const claim = struct<protocol.StateClaim>(input);
  assert.equal(protocol.encodeStateClaim(claim), output["encoded"]);
  assert.deepEqual(protocol.decodeStateClaim(output["encoded"]!), claim);
  assert.equal(protocol.stateClaimHash(claim), output["structHash"]);
  assert.equal(protocol.stateClaimDigest(domain, claim), output["digest"]);
});
vectors<Input, Record<string, Hex>>("blockAttestation", (input, output) => {
  const attestation = struct<protocol.BlockAttestation>(input, ["generation"]);
  assert.equal(protocol.encodeBlockAttestation(attestation), output["encoded"]);
  assert.deepEqual(protocol.decodeBlockAttestation(output["encoded"]!), attestation);
  assert.equal(protocol.blockAttestationHash(attestation), output["structHash"]);
  assert.equal(protocol.blockAttestationDigest(domain, attestation), output["digest"]);
});
vectors<Input, Record<string, Hex>>("receipt", (input, output) => {
  const receipt = struct<protocol.Receipt>(input, ["generation"]);
  assert.equal(protocol.encodeReceipt(receipt), output["encoded"]);
  assert.deepEqual(protocol.decodeReceipt(output["encoded"]!), receipt);
  assert.equal(protocol.receiptHash(receipt), output["structHash"]);
  assert.equal(protocol.receiptDigest(domain, receipt), output["digest"]);
  assert.equal(protocol.recoverSigner(output["digest"]!, output["signature"]!), output["signer"]);
});

vectors<Input, Record<string, Hex>>("heartbeat", (input, output) => {
  const beat = struct<protocol.Heartbeat>(input, ["generation"]);
  assert.equal(protocol.encodeHeartbeat(beat), output["encoded"]);
  assert.deepEqual(protocol.decodeHeartbeat(output["encoded"]!), beat);
  assert.equal(protocol.heartbeatHash(beat), output["structHash"]);
  assert.equal(protocol.heartbeatDigest(domain, beat), output["digest"]);
});

vectors<Input, Record<string, Hex>>("genesis", (input, output) => {
  const { anchorNumber, anchorHash, anchorTime, ...preimage } = input;
  const header = protocol.genesisHeader({
    number: BigInt(anchorNumber!),
    hash: anchorHash as Hex,
    time: BigInt(anchorTime!),
  });
  const claim = protocol.genesisClaim(header, struct(preimage));
  assert.equal(protocol.encodeDataHeader(header), output["headerEncoded"]);
  assert.equal(protocol.batchHash(header), output["batchHash"]);
  assert.equal(protocol.encodeStateClaim(claim), output["claimEncoded"]);
  assert.equal(protocol.stateClaimHash(claim), output["claimHash"]);
});
vectors<Input & { parent: Input }, Record<string, Hex>>("escapeHeader", (input, output) => {
  const { parent, ...rest } = input;
  const config = {
    ...protocol.profiles.devnet.chain,
    genesisAnchorNumber: BigInt(rest["genesisAnchorNumber"]!),
    epochLength: Number(rest["epochLength"]),
  } as protocol.ChainConfig;
  const header = protocol.escapeHeader(config, struct(parent, headerNumbers), {
    generation: Number(rest["generation"]),
    l1Time: BigInt(rest["l1Time"]!),
    anchor: { number: BigInt(rest["anchorNumber"]!), hash: rest["anchorHash"] as Hex },
    depositCount: BigInt(rest["depositCount"]!),
    depositQueueHash: rest["depositQueueHash"] as Hex,
  });
  assert.equal(protocol.encodeDataHeader(header), output["encoded"]);
  assert.equal(protocol.batchHash(header), output["batchHash"]);
});

interface CertificateInput {
  readonly digest: Hex;
  readonly bitmap: string;
  readonly signatures: Hex;
  readonly signers: Address[];
  readonly weights: string[];
}
interface CertificateOutput {
  readonly setHash: Hex;
  readonly totalWeight: string;
  readonly signedWeight: string;
  readonly quorum: boolean;
  readonly encoded: Hex;
}
vectors<CertificateInput, CertificateOutput>("certificate", (input, output) => {
  const members = input.signers.map((signer, i) => ({ signer, weight: BigInt(input.weights[i]!) }));
  const certificate = { bitmap: BigInt(input.bitmap), signatures: input.signatures, members };
  const signatures = (input.signatures.slice(2).match(/.{130}/g) ?? []).map((hex): Hex => `0x${hex}`);
  assert.equal(protocol.setHash(members), output.setHash);
  assert.equal(protocol.totalWeight(members), BigInt(output.totalWeight));
  assert.deepEqual(protocol.buildCertificate(input.digest, members, signatures.toReversed()), certificate);
  assert.equal(protocol.encodeCertificate(certificate), output.encoded);
  assert.equal(protocol.encodeCertificate(protocol.decodeCertificate(output.encoded)), output.encoded);
  const verify = () => protocol.verifyCertificate(certificate, input.digest, output.setHash);
  if (output.quorum) assert.equal(protocol.totalWeight(verify()), BigInt(output.signedWeight));
  else assert.throws(verify, { payload: { fault: "weight-too-low" } });
});

vectors<Input, Record<string, Hex>>("withdrawal", (input, output) => {
  assert.equal(protocol.withdrawalHash(struct(input)), output["withdrawalHash"]);
  assert.equal(protocol.withdrawalSlot(output["withdrawalHash"]!), output["slot"]);
});
const configNumbers = [
  "version",
  "blockTime",
  "heartbeat",
  "term",
  "maxBlockBytes",
  "maxBatchBytes",
  "maxBatchAge",
  "maxDrift",
  "maxAnchorStep",
  "maxBatchAnchors",
  "epochLength",
  "l1Depth",
  "l1BaseFeeScalar",
  "l1BlobBaseFeeScalar",
];
vectors<Input & { blobSchedule: object[]; forks: { name: string; l2Timestamp: string }[] }, Record<string, Hex>>(
  "chainConfig",
  (input, output) => {
    const config = {
      ...struct<object>(input, configNumbers),
      blobSchedule: input.blobSchedule.map((entry) => struct(entry)),
      forks: input.forks.map(({ name, l2Timestamp }) => ({ name, l2Timestamp: BigInt(l2Timestamp) })),
    } as unknown as protocol.ChainConfig;
    assert.equal(bytesToHex(protocol.encodeChainConfig(config)), output["rlp"]);
    assert.equal(protocol.chainConfigHash(config), output["chainConfigHash"]);
    assert.deepEqual(protocol.decodeChainConfig(hexToBytes(output["rlp"]!)), config);
  },
);
