import { MetisError } from "@metis/protocol";

export type NodeErrorCode = "wrong-chain" | "config-incomplete" | "key-unreadable" | "not-in-set";

/** Why a node cannot start. */
export class NodeError extends MetisError<NodeErrorCode> {
  override readonly name = "NodeError";
}
