import type { Address, Hex, TypedDataDomain } from "viem";
import { concatHex, encodeAbiParameters, hashStruct, hashTypedData, keccak256, toHex } from "viem/utils";
import { decodeCanonicalAbi } from "./abi.ts";
import type { Hash } from "./brands.ts";
import type { BlockAttestation, DataHeader, GenesisConfig, Receipt, StateClaim } from "./structs.ts";

/** EIP-712 types of everything that is signed (docs/spec/structs.md). */
export const typedDataTypes = {
  DataHeader: [
    { name: "version", type: "uint8" },
    { name: "batchIndex", type: "uint64" },
    { name: "parentHash", type: "bytes32" },
    { name: "generation", type: "uint32" },
    { name: "epoch", type: "uint64" },
    { name: "lastTimestamp", type: "uint64" },
    { name: "depositCount", type: "uint64" },
    { name: "depositQueueHash", type: "bytes32" },
    { name: "anchorNumber", type: "uint64" },
    { name: "anchorHash", type: "bytes32" },
    { name: "dataMode", type: "uint8" },
    { name: "payloadHash", type: "bytes32" },
    { name: "payloadSize", type: "uint32" },
    { name: "dataCommitment", type: "bytes32" },
    { name: "extraHash", type: "bytes32" },
  ],
  StateClaim: [
    { name: "batchHash", type: "bytes32" },
    { name: "prevOutputRoot", type: "bytes32" },
    { name: "inputsRoot", type: "bytes32" },
    { name: "outputsRoot", type: "bytes32" },
    { name: "firstBlock", type: "uint64" },
    { name: "lastBlock", type: "uint64" },
    { name: "lastBlockHash", type: "bytes32" },
    { name: "outputRoot", type: "bytes32" },
    { name: "extraHash", type: "bytes32" },
  ],
  BlockAttestation: [
    { name: "generation", type: "uint32" },
    { name: "epoch", type: "uint64" },
    { name: "number", type: "uint64" },
    { name: "blockHash", type: "bytes32" },
    { name: "outputRoot", type: "bytes32" },
    { name: "anchorNumber", type: "uint64" },
    { name: "anchorHash", type: "bytes32" },
  ],
  Receipt: [
    { name: "generation", type: "uint32" },
    { name: "transactionHash", type: "bytes32" },
    { name: "sequence", type: "uint64" },
    { name: "firstBlock", type: "uint64" },
    { name: "lastBlock", type: "uint64" },
  ],
} as const;

const typeHash = (name: keyof typeof typedDataTypes): Hash =>
  keccak256(toHex(`${name}(${typedDataTypes[name].map((field) => `${field.type} ${field.name}`).join(",")})`));
const blockAttestationType = typeHash("BlockAttestation");
const receiptType = typeHash("Receipt");

const genesisConfigParameters = [
  { type: "uint256" },
  { type: "uint256" },
  { type: "address" },
  { type: "address" },
  { type: "address" },
  { type: "address" },
  { type: "address" },
  { type: "address" },
  { type: "address" },
  { type: "bytes32" },
] as const;

/** Identity of a chain; never changes. */
export const genesisConfigHash = (config: GenesisConfig): Hash =>
  keccak256(
    encodeAbiParameters(genesisConfigParameters, [
      config.l1ChainId,
      config.l2ChainId,
      config.batchInbox,
      config.portal,
      config.stateClaims,
      config.systemConfig,
      config.metisToken,
      config.l1Messenger,
      config.l1StandardBridge,
      config.l2GenesisHash,
    ]),
  );

/** Domain under which sequencers sign. */
export type SigningDomain = Required<TypedDataDomain> & { readonly verifyingContract: Address; readonly salt: Hex };

/** Domain of everything that a sequencer signs on a chain (docs/spec/structs.md). */
export const signingDomain = (config: GenesisConfig): SigningDomain => ({
  name: "Metis",
  version: "1",
  chainId: config.l2ChainId,
  verifyingContract: config.batchInbox,
  salt: genesisConfigHash(config),
});

/** `hashStruct(DataHeader)`: the batch's hash, parent of the next header. */
export const batchHash = (header: DataHeader): Hash =>
  hashStruct({ data: { ...header }, primaryType: "DataHeader", types: typedDataTypes });
/** EIP-712 hashStruct of a claim: what a batch certificate signs, and `claimHash` on L1. */
export const stateClaimHash = (claim: StateClaim): Hash =>
  hashStruct({ data: { ...claim }, primaryType: "StateClaim", types: typedDataTypes });
/** Every member hashes every attestation, so it is done without viem's general walk through types. */
export const blockAttestationHash = (attestation: BlockAttestation): Hash =>
  keccak256(concatHex([blockAttestationType, encodeBlockAttestation(attestation)]));
/** A leader hashes a receipt for every transaction, so this too is done without the general walk. */
export const receiptHash = (receipt: Receipt): Hash => keccak256(concatHex([receiptType, encodeReceipt(receipt)]));

/** The 66 bytes whose keccak256 is the EIP-712 digest: 0x1901 ‖ domain separator ‖ `hashStruct` of what is signed. */
export const signingPreimage = (domain: SigningDomain, structHash: Hash): Hex =>
  concatHex(["0x1901", separatorOf(domain), structHash]);

/** EIP-712 digest that a batch certificate signs. */
export const stateClaimDigest = (domain: SigningDomain, claim: StateClaim): Hash =>
  hashTypedData({ domain, message: { ...claim }, primaryType: "StateClaim", types: typedDataTypes });
/** EIP-712 digest that a block certificate signs. */
export const blockAttestationDigest = (domain: SigningDomain, attestation: BlockAttestation): Hash =>
  keccak256(signingPreimage(domain, blockAttestationHash(attestation)));
/** EIP-712 digest that a leader signs for a transaction it has taken. */
export const receiptDigest = (domain: SigningDomain, receipt: Receipt): Hash =>
  keccak256(signingPreimage(domain, receiptHash(receipt)));

const domainTypes = {
  EIP712Domain: [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
    { name: "salt", type: "bytes32" },
  ],
};
const separators = new WeakMap<SigningDomain, Hash>();

/** `hashStruct(EIP712Domain)`; a node has one domain for all its life. */
function separatorOf(domain: SigningDomain): Hash {
  const known =
    separators.get(domain) ?? hashStruct({ data: { ...domain }, primaryType: "EIP712Domain", types: domainTypes });
  separators.set(domain, known);
  return known;
}

const wrap = <const Name extends keyof typeof typedDataTypes>(name: Name) =>
  [{ type: "tuple", components: typedDataTypes[name] }] as const;
const dataHeaderAbi = wrap("DataHeader");
const stateClaimAbi = wrap("StateClaim");
const blockAttestationAbi = wrap("BlockAttestation");
const receiptAbi = wrap("Receipt");

/** `abi.encode` of the struct: 15 words. */
export const encodeDataHeader = (header: DataHeader): Hex => encodeAbiParameters(dataHeaderAbi, [header]);
/** `abi.encode` of the struct: 9 words. */
export const encodeStateClaim = (claim: StateClaim): Hex => encodeAbiParameters(stateClaimAbi, [claim]);
/** `abi.encode` of the struct: 7 words. */
export const encodeBlockAttestation = (attestation: BlockAttestation): Hex =>
  encodeAbiParameters(blockAttestationAbi, [attestation]);
/** `abi.encode` of the struct: 5 words. */
export const encodeReceipt = (receipt: Receipt): Hex => encodeAbiParameters(receiptAbi, [receipt]);

/** Throws `DecodeError` on anything but canonical bytes. */
export const decodeDataHeader = (data: Hex | Uint8Array): DataHeader =>
  decodeCanonicalAbi("DataHeader", dataHeaderAbi, data, 15 * 32)[0];
/** Throws `DecodeError` on anything but canonical bytes. */
export const decodeStateClaim = (data: Hex | Uint8Array): StateClaim =>
  decodeCanonicalAbi("StateClaim", stateClaimAbi, data, 9 * 32)[0];
/** Throws `DecodeError` on anything but canonical bytes. */
export const decodeBlockAttestation = (data: Hex | Uint8Array): BlockAttestation =>
  decodeCanonicalAbi("BlockAttestation", blockAttestationAbi, data, 7 * 32)[0];
/** Throws `DecodeError` on anything but canonical bytes. */
export const decodeReceipt = (data: Hex | Uint8Array): Receipt =>
  decodeCanonicalAbi("Receipt", receiptAbi, data, 5 * 32)[0];
