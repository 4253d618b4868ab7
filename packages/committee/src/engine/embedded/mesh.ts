import { RlpFields, decodeRlp, encodeRlp } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { BftMessage, QuorumForm } from "../../bft/forms.ts";
import { CommitteeError } from "../../errors.ts";
import { maxProposalBytes } from "./envelope.ts";

/** What the engine needs of a network between members. Authenticated: `from` holds that key. Unordered, lossy. */
export interface Mesh {
  /** To every other member reachable now. Never throws, never waits. */
  broadcast(message: Uint8Array): void;
  send(to: Address, message: Uint8Array): void;
  /** One receiver; returns how to let go. */
  receive(receiver: (from: Address, message: Uint8Array) => void): () => void;
}

/** Largest message between members, bytes. */
export const maxMeshMessageBytes = maxProposalBytes + 64 * 1024;
const maxJsonBytes = 128 * 1024;
const noRound = 0xffff_ffff;

/** The payload of a proposal, for `round`; `validRound` is the round it got a quorum of prevotes in, or -1. */
export interface PayloadMessage {
  readonly kind: "payload";
  readonly height: bigint;
  readonly round: number;
  readonly validRound: number;
  readonly envelope: Uint8Array;
}

export interface Decided {
  readonly certificate: QuorumForm;
  readonly envelope: Uint8Array;
}

export type MeshMessage =
  | { readonly kind: "bft"; readonly message: BftMessage }
  | PayloadMessage
  /** The height its sender decides next. */
  | { readonly kind: "status"; readonly height: bigint }
  | { readonly kind: "want"; readonly height: bigint }
  | ({ readonly kind: "decided" } & Decided);

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const roundIn = (round: number): number => (round < 0 ? noRound : round);
const roundOut = (round: number): number => (round === noRound ? -1 : round);

/** Canonical RLP list that begins with the message's kind (docs/spec/pool.md, "Mesh"). */
export function encodeMeshMessage(message: MeshMessage): Uint8Array {
  switch (message.kind) {
    case "bft":
      return encodeRlp([1, json(message.message)]);
    case "payload": {
      const { height, round, validRound, envelope } = message;
      return encodeRlp([2, height, roundIn(round), roundIn(validRound), envelope]);
    }
    case "status":
      return encodeRlp([3, message.height]);
    case "want":
      return encodeRlp([4, message.height]);
    case "decided":
      return encodeRlp([5, json(message.certificate), message.envelope]);
    default:
      return unknownKind(message);
  }
}

const unknownKind = (message: never): never => {
  throw new RangeError(`unknown message ${JSON.stringify(message)}`);
};

/**
 * Throws `bad-mesh-message` for anything malformed or over the limits. The JSON of votes and certificates is only parsed here:
 * the kernel refuses every shape it does not know, and checks every signature.
 */
export function decodeMeshMessage(bytes: Uint8Array): MeshMessage {
  try {
    if (bytes.length > maxMeshMessageBytes) throw new RangeError(`longer than ${maxMeshMessageBytes} bytes`);
    const fields = new RlpFields("mesh message", decodeRlp(bytes));
    const message = decodeKind(fields.number(5), fields);
    fields.end();
    return message;
  } catch (error) {
    throw new CommitteeError("bad-mesh-message", "reject", `a member's message does not decode: ${String(error)}`, {});
  }
}

function decodeKind(kind: number, fields: RlpFields): MeshMessage {
  const parse = (): unknown => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fields.bytes(maxJsonBytes)));
  switch (kind) {
    case 1:
      return { kind: "bft", message: parse() as BftMessage };
    case 2:
      return {
        kind: "payload",
        height: fields.uint(64),
        round: roundOut(fields.number(noRound)),
        validRound: roundOut(fields.number(noRound)),
        envelope: Uint8Array.from(fields.bytes(maxMeshMessageBytes)),
      };
    case 3:
      return { kind: "status", height: fields.uint(64) };
    case 4:
      return { kind: "want", height: fields.uint(64) };
    case 5:
      return {
        kind: "decided",
        certificate: quorum(parse()),
        envelope: Uint8Array.from(fields.bytes(maxMeshMessageBytes)),
      };
    default:
      throw new RangeError(`unknown kind ${kind}`);
  }
}

/** The fields that the engine itself reads; the rest is the kernel's to check. */
function quorum(value: unknown): QuorumForm {
  const form = value as Partial<QuorumForm> | null;
  if (!Number.isSafeInteger(form?.height) || !Number.isSafeInteger(form?.round) || typeof form?.value !== "string")
    throw new RangeError("a certificate lacks height, round or value");
  return form as QuorumForm;
}

/** Height that a message is about; 0 when it names none that makes sense. */
export function heightOf(message: Exclude<MeshMessage, { kind: "status" | "want" }>): bigint {
  if (message.kind === "payload") return message.height;
  const form = (message.kind === "bft" ? message.message : message.certificate) as { height?: unknown } | null;
  const height = form?.height;
  return typeof height === "number" && Number.isSafeInteger(height) && height > 0 ? BigInt(height) : 0n;
}

/** Key of a payload in memory and on disk. */
export type ValueId = Hex;
