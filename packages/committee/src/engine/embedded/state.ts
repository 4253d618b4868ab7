import type { SetMember } from "@metis/protocol";
import type { Store, StoreOp } from "@metis/runtime";
import { hexToBytes } from "viem";
import type { Address } from "viem";
import type { BftInput } from "../../bft/forms.ts";
import { CommitteeError } from "../../errors.ts";
import type { Decided, ValueId } from "./mesh.ts";
import { calendar, firstRotation, nextRotation, proposerOrder } from "./rotation.ts";
import type { RotationRules, RotationState } from "./rotation.ts";
import { sortMembers } from "./sets.ts";
import type { EngineView } from "./types.ts";

/** Where the engine stands between two heights. */
export interface EngineState {
  /** Decided next. */
  readonly height: bigint;
  readonly members: readonly SetMember[];
  /** Takes over after the next height, when a handover is under way. */
  readonly nextMembers: readonly SetMember[] | undefined;
  readonly rotation: RotationState;
  /** The height that follows the end of an epoch carries no block. */
  readonly blockless: boolean;
}

/** Where an engine with an empty store begins. */
export function firstState(
  genesis: { readonly height: bigint; readonly members: readonly SetMember[] },
  rules: RotationRules,
): EngineState {
  const members = sortMembers(genesis.members);
  const rotation = firstRotation(members, rules);
  return { height: genesis.height, members, nextMembers: undefined, rotation, blockless: false };
}

/** Where it stands after a height that `proposer`'s payload decided, and that ended an epoch when there are `updates`. */
export function nextState(
  { height, members, nextMembers, rotation }: EngineState,
  rules: RotationRules,
  proposer: Address,
  updates: readonly SetMember[] | undefined,
): EngineState {
  return {
    height: height + 1n,
    members: nextMembers ?? members,
    nextMembers: updates?.length ? sortMembers(updates) : undefined,
    rotation: nextMembers
      ? firstRotation(nextMembers, rules)
      : nextRotation(rotation, members, rules, { height, proposer }),
    blockless: updates !== undefined,
  };
}

/** `state` as an operator sees it, in `round` of its height. */
export function viewOf({ height, members, rotation }: EngineState, rules: RotationRules, round: number): EngineView {
  const order = proposerOrder(rotation, members, height);
  return {
    height,
    round,
    proposer: members[order[round % order.length]!]!.signer,
    members,
    absent: members.filter((_, index) => rotation.absentUntil[index]! > height).map(({ signer }) => signer),
    calendar: calendar(rotation, members, rules, height, 2 * members.length),
  };
}

/** Members that stood before `proposer` in the line of `state`'s height. */
export function passedBy({ height, members, rotation }: EngineState, proposer: Address): readonly Address[] {
  const line = proposerOrder(rotation, members, height).map((index) => members[index]!.signer);
  return line.slice(0, Math.max(0, line.indexOf(proposer)));
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** JSON with bigints as `{"n": "12"}`. */
const toJson = (value: unknown): Uint8Array =>
  utf8.encode(JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? { n: `${item}` } : item)));
// oxlint-disable-next-line no-unnecessary-type-parameters -- the caller names what it wrote
function fromJson<T>(bytes: Uint8Array): T {
  try {
    return JSON.parse(text.decode(bytes), (_, item: unknown) =>
      typeof item === "object" && item !== null && "n" in item ? BigInt(String(item.n)) : item,
    ) as T;
  } catch {
    throw new CommitteeError("engine-state-corrupt", "halt", "the engine's store holds a malformed record", {});
  }
}

function key(table: string, height?: bigint, rest: Uint8Array = new Uint8Array()): Uint8Array {
  const name = utf8.encode(`engine/${table}\0`);
  if (height === undefined) return name;
  const bytes = new Uint8Array(name.length + 8 + rest.length);
  bytes.set(name);
  new DataView(bytes.buffer).setBigUint64(name.length, height);
  bytes.set(rest, name.length + 8);
  return bytes;
}
const index = (number: number): Uint8Array => Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);

/**
 * What the engine must know after a crash: its state, the inputs of the height under way with the payloads they speak of, and
 * the decided heights that others may ask for. Every write is on disk when its promise resolves.
 */
export class EngineStore {
  readonly #store: Store;
  readonly #kept: bigint;
  /** Payloads that go to disk with the next entries of the log. */
  #payloads: StoreOp[] = [];

  /** `kept`: decided heights held for members that fell behind. */
  constructor(store: Store, kept: bigint) {
    this.#store = store;
    this.#kept = kept;
  }

  state(): EngineState | undefined {
    const bytes = this.#store.get(key("state"));
    return bytes && fromJson<EngineState>(bytes);
  }

  /** First state of an engine. */
  begin(state: EngineState): Promise<void> {
    return this.#store.write([{ kind: "put", key: key("state"), value: toJson(state) }]);
  }

  log(height: bigint): readonly BftInput[] {
    return [...this.#store.entries({ from: key("log", height), to: key("log", height + 1n) })].map(([, value]) =>
      fromJson<BftInput>(value),
    );
  }

  payloads(height: bigint): ReadonlyMap<ValueId, Uint8Array> {
    const range = { from: key("payload", height), to: key("payload", height + 1n) };
    return new Map(
      [...this.#store.entries(range)].map(([id, bytes]) => [
        `0x${Buffer.from(id.subarray(-32)).toString("hex")}`,
        bytes,
      ]),
    );
  }

  /** Entries of the log, and the payloads that were to be kept with them. */
  async appendLog(height: bigint, from: number, entries: readonly BftInput[]): Promise<void> {
    const payloads = this.#payloads;
    const logged = entries.map((entry, offset): StoreOp => ({
      kind: "put",
      key: key("log", height, index(from + offset)),
      value: toJson(entry),
    }));
    await this.#store.write([...payloads, ...logged]);
    this.#payloads = this.#payloads.slice(payloads.length);
  }

  /** The payload is on disk when the next entries of the log are: before any vote for it leaves. */
  keepPayload(height: bigint, id: ValueId, envelope: Uint8Array): void {
    const op: StoreOp = { kind: "put", key: key("payload", height, hexToBytes(id)), value: envelope };
    this.#payloads = [...this.#payloads, op];
  }

  decided(height: bigint): Decided | undefined {
    const bytes = this.#store.get(key("decided", height));
    if (bytes === undefined) return undefined;
    const { certificate, envelope } = fromJson<{ certificate: Decided["certificate"]; envelope: string }>(bytes);
    return { certificate, envelope: new Uint8Array(Buffer.from(envelope, "base64")) };
  }

  /** Keeps what was decided, moves on to `state`, and forgets what only the height before it needed. */
  async advance(state: EngineState, { certificate, envelope }: Decided): Promise<void> {
    const done = state.height - 1n;
    const decided = toJson({ certificate, envelope: Buffer.from(envelope).toString("base64") });
    const ops: StoreOp[] = [
      { kind: "put", key: key("decided", done), value: decided },
      { kind: "put", key: key("state"), value: toJson(state) },
    ];
    this.#payloads = [];
    for (const table of ["log", "payload"])
      for (const [old] of this.#store.entries({ from: key(table, 0n), to: key(table, done + 1n) }))
        ops.push({ kind: "delete", key: old });
    if (done > this.#kept) {
      const range = { from: key("decided", 0n), to: key("decided", done - this.#kept) };
      for (const [old] of this.#store.entries(range)) ops.push({ kind: "delete", key: old });
    }
    await this.#store.write(ops);
  }
}
