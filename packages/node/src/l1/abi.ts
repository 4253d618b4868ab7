import { parseAbi } from "viem";

const structs = [
  "struct DataHeader { uint8 version; uint64 batchIndex; bytes32 parentHash; uint32 generation; uint64 epoch; uint64 lastTimestamp; uint64 depositCount; bytes32 depositQueueHash; uint64 anchorNumber; bytes32 anchorHash; uint8 dataMode; bytes32 payloadHash; uint32 payloadSize; bytes32 dataCommitment; bytes32 extraHash; }",
  "struct StateClaim { bytes32 batchHash; bytes32 prevOutputRoot; bytes32 inputsRoot; bytes32 outputsRoot; uint64 firstBlock; uint64 lastBlock; bytes32 lastBlockHash; bytes32 outputRoot; bytes32 extraHash; }",
  "struct SetMember { address signer; uint96 weight; }",
  "struct Certificate { uint256 bitmap; bytes signatures; SetMember[] members; }",
] as const;

/** The part of docs/spec/contracts.md that a node calls and reads. */
export const portalAbi = parseAbi([
  "function queueHashAt(uint64 count) view returns (bytes32)",
  "function depositCount() view returns (uint64)",
  "function depositCountAt(uint64 l1BlockNumber) view returns (uint64)",
  "function depositBlockNumber(uint64 index) view returns (uint64)",
  "event TransactionDeposited(uint64 indexed index, address indexed from, address indexed to, uint256 mint, uint256 value, uint64 gasLimit, bool isCreation, bytes data, bytes32 queueHash)",
]);

export const batchInboxAbi = parseAbi([
  ...structs,
  "function submitBatch(DataHeader header, StateClaim claim, Certificate certificate, bytes data)",
  "function checkpointAnchor(bytes[] headers)",
  "function announceEscape()",
  "function escape()",
  "function batchCount() view returns (uint64)",
  "function batchHashAt(uint64 batchIndex) view returns (bytes32)",
  "function lastHeader() view returns (DataHeader)",
  "function generation() view returns (uint32)",
  "event BatchPosted(uint64 indexed batchIndex, bytes32 indexed batchHash, DataHeader header, bytes32[] versionedHashes)",
  "event BatchData(uint64 indexed batchIndex, bytes payload)",
  "event GenerationRaised(uint32 generation, uint64 batchIndex)",
]);

export const stateClaimsAbi = parseAbi([
  ...structs,
  "function postClaim(uint64 batchIndex, StateClaim claim, Certificate certificate)",
  "function settle(uint64 batchIndex)",
  "function claimOf(uint64 batchIndex, bytes32 prevOutputRoot) view returns (uint8 status, bytes32 claimHash, bytes32 outputRoot, uint64 lastBlock, uint64 postedAt)",
  "function settledCount() view returns (uint64)",
  "function settledOutput(uint64 batchIndex) view returns (bytes32 outputRoot, uint64 lastBlock)",
  "event ClaimPosted(uint64 indexed batchIndex, bytes32 indexed claimHash, StateClaim claim)",
  "event ClaimSettled(uint64 indexed batchIndex, bytes32 outputRoot, uint64 lastBlock)",
]);
