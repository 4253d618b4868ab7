import type { Statement } from "@metis/committee";
import {
  blockAttestationHash,
  decodeBlockAttestation,
  decodeHeartbeat,
  decodeReceipt,
  decodeStateClaim,
  encodeBlockAttestation,
  encodeHeartbeat,
  encodeReceipt,
  encodeStateClaim,
  genesisConfigHash,
  heartbeatHash,
  receiptHash,
  signingDomain,
  signingPreimage,
  stateClaimHash,
} from "@metis/protocol";
import type { BlockAttestation, Generation, GenesisConfig, Hash, Receipt, SigningDomain } from "@metis/protocol";
import { concatHex, hexToBytes, isHex, keccak256, size, slice, stringToHex } from "viem";
import type { Hex } from "viem";
import { engineDomain } from "../pool/engineDomain.ts";
import { SignerError } from "./errors.ts";

/** Body of `POST /api/v1/eth1/sign/{identifier}`: texts only, as Web3Signer has it. What is signed is keccak256 of `data`. */
export interface SigningRequest {
  readonly type: string;
  readonly data: Hex;
  /** `abi.encode` of the struct whose EIP-712 preimage `data` is; absent where `data` is the message itself. */
  readonly message?: Hex;
  /** Decimal; of an engine vote, whose `data` holds only a hash of it. */
  readonly generation?: string;
}

/** What a request asks for, decoded and checked to be of this chain. */
export type Judged =
  | { readonly type: "BLOCK_ATTESTATION"; readonly digest: Hash; readonly attestation: BlockAttestation }
  | { readonly type: "RECEIPT"; readonly digest: Hash; readonly receipt: Receipt }
  | { readonly type: "ENGINE_VOTE"; readonly digest: Hash; readonly message: Uint8Array }
  | { readonly type: "STATE_CLAIM" | "HEARTBEAT" | "MESH_HELLO"; readonly digest: Hash };

/** The request for what a node says. */
export function requestOf(domain: SigningDomain, statement: Statement): SigningRequest {
  const { type } = statement;
  const struct = (hash: Hash, message: Hex): SigningRequest => ({ type, data: signingPreimage(domain, hash), message });
  if (type === "MESH_HELLO") return { type, data: statement.message };
  switch (type) {
    case "BLOCK_ATTESTATION":
      return struct(blockAttestationHash(statement.attestation), encodeBlockAttestation(statement.attestation));
    case "STATE_CLAIM":
      return struct(stateClaimHash(statement.claim), encodeStateClaim(statement.claim));
    case "RECEIPT":
      return struct(receiptHash(statement.receipt), encodeReceipt(statement.receipt));
    case "HEARTBEAT":
      return struct(heartbeatHash(statement.heartbeat), encodeHeartbeat(statement.heartbeat));
    default:
      return type satisfies never;
  }
}

/** The request for a vote or proposal of the engine, in the bytes that the consensus kernel signs. */
export const voteRequest = (message: Hex, generation: Generation): SigningRequest => ({
  type: "ENGINE_VOTE",
  data: message,
  generation: `${generation}`,
});

/** Characters of the longest hex text that is looked at. */
const maxHex = 2_048;

const bad = (message: string): never => {
  throw new SignerError("bad-request", "reject", message, {});
};
const foreign = (): never => {
  throw new SignerError(
    "foreign-chain",
    "reject",
    "this is no message of the chain that the signer was started for",
    {},
  );
};

function hexField(body: Readonly<Record<string, unknown>>, name: string): Hex {
  const value = body[name];
  if (!isHex(value) || value.length % 2 !== 0 || value.length > maxHex) return bad(`${name} must be 0x hex`);
  return value.toLowerCase() as Hex;
}

/**
 * Judges bodies for one chain. Total: anything but a well-formed statement of a known type and this chain throws `SignerError`
 * "bad-request", "unknown-type" or "foreign-chain".
 */
export class Judge {
  readonly #genesis: GenesisConfig;
  readonly #domain: SigningDomain;
  readonly #helloHead: Hex;
  /** The domain of the last generation that voted. */
  #engine: { readonly generation: Generation; readonly domain: Hash } | undefined;

  constructor(genesis: GenesisConfig) {
    this.#genesis = genesis;
    this.#domain = signingDomain(genesis);
    this.#helloHead = concatHex([stringToHex("metis-mesh-1"), genesisConfigHash(genesis)]);
  }

  judge(body: unknown): Judged {
    if (typeof body !== "object" || body === null || Array.isArray(body)) return bad("the body must be a JSON object");
    const fields = body as Readonly<Record<string, unknown>>;
    const { type } = fields;
    const data = hexField(fields, "data");
    const digest = keccak256(data);
    switch (type) {
      case "BLOCK_ATTESTATION": {
        const attestation = this.#decode(fields, decodeBlockAttestation);
        return { type, digest: this.#mustBe(data, digest, blockAttestationHash(attestation)), attestation };
      }
      case "STATE_CLAIM": {
        const claim = this.#decode(fields, decodeStateClaim);
        return { type, digest: this.#mustBe(data, digest, stateClaimHash(claim)) };
      }
      case "RECEIPT": {
        const receipt = this.#decode(fields, decodeReceipt);
        return { type, digest: this.#mustBe(data, digest, receiptHash(receipt)), receipt };
      }
      case "HEARTBEAT": {
        const beat = this.#decode(fields, decodeHeartbeat);
        return { type, digest: this.#mustBe(data, digest, heartbeatHash(beat)) };
      }
      case "MESH_HELLO":
        if (!isHello(data)) return bad("data is no hello of a member");
        return data.startsWith(this.#helloHead) ? { type, digest } : foreign();
      case "ENGINE_VOTE":
        return { type, digest, message: this.#vote(fields, data) };
      default:
        throw new SignerError(
          "unknown-type",
          "reject",
          "type must be one of BLOCK_ATTESTATION, STATE_CLAIM, RECEIPT, HEARTBEAT, MESH_HELLO, ENGINE_VOTE: nothing else is signed",
          {},
        );
    }
  }

  #decode<T>(fields: Readonly<Record<string, unknown>>, decode: (data: Hex) => T): T {
    const message = hexField(fields, "message");
    try {
      return decode(message);
    } catch {
      return bad("message is not the canonical abi.encode of its type");
    }
  }

  /** `digest`, if `data` is the preimage of the struct with this hash under the chain's domain. */
  #mustBe(data: Hex, digest: Hash, structHash: Hash): Hash {
    return data === signingPreimage(this.#domain, structHash) ? digest : foreign();
  }

  #vote(fields: Readonly<Record<string, unknown>>, data: Hex): Uint8Array {
    const { generation } = fields;
    if (typeof generation !== "string" || !/^\d{1,10}$/.test(generation) || Number(generation) >= 2 ** 32)
      return bad("generation must be a decimal uint32");
    if (!isVote(data)) return bad("data is no vote of the engine");
    const domain = slice(data, voteTag.length, voteTag.length + 32);
    return domain === this.#domainOf(Number(generation)) ? hexToBytes(data) : foreign();
  }

  #domainOf(generation: Generation): Hash {
    if (this.#engine?.generation !== generation)
      this.#engine = { generation, domain: engineDomain(this.#genesis, generation) };
    return this.#engine.domain;
  }
}

const helloTag = "metis-mesh-1";
/** tag ‖ domain ‖ the channel's secret ‖ side */
const isHello = (data: Hex): boolean =>
  size(data) === helloTag.length + 32 + 32 + 1 &&
  data.startsWith(stringToHex(helloTag)) &&
  (data.endsWith("01") || data.endsWith("02"));

const voteTag = "metis-bft-1";
/** Bytes of a vote, by its kind: prevote 1 and precommit 2 for nothing or a value, proposal 3 (docs/spec/pool.md, "Votes"). */
function isVote(data: Hex): boolean {
  const head = voteTag.length + 32 + 1 + 8 + 8;
  if (size(data) <= head || !data.startsWith(stringToHex(voteTag))) return false;
  const kind = Number(slice(data, voteTag.length + 32, voteTag.length + 33));
  const rest = size(data) - head;
  if (kind === 3) return rest === 32 + 8;
  const choice = slice(data, head, head + 1);
  return (kind === 1 || kind === 2) && ((choice === "0x00" && rest === 1) || (choice === "0x01" && rest === 33));
}
