import { MetisError } from "@metis/protocol";

export type NodeErrorCode =
  | "wrong-chain"
  | "config-incomplete"
  | "key-unreadable"
  | "not-in-set"
  | "snapshot-not-final"
  | "snapshot-target"
  | "snapshot-not-settled"
  | "protection-absent"
  | "protection-ambiguous";

/** Why a node cannot start, or a snapshot not be taken or used. */
export class NodeError extends MetisError<NodeErrorCode> {
  override readonly name = "NodeError";
}
