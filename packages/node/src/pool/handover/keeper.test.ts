import assert from "node:assert/strict";
import { beforeEach, suite, test } from "node:test";
import { createSet, localSigner } from "@metis/committee";
import { addressOfKey, heartbeatDigest, recoverSigner, signingDomain } from "@metis/protocol";
import type { Heartbeat } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { emergencyHandoverAbi } from "@metis/protocol/contracts";
import { ManualClock, silentLogger } from "@metis/runtime";
import { decodeFunctionData, zeroAddress, zeroHash } from "viem";
import type { Address, Hex } from "viem";
import type { SignedBlock } from "../../heads/records.ts";
import { HandoverKeeper } from "./keeper.ts";
import type { Handover } from "./records.ts";

const keys = [1, 2, 3, 4].map((seat): Hex => `0x${`0${seat}`.repeat(32)}`);
const set = createSet(keys.map((key) => ({ signer: addressOfKey(key), weight: 10n })));
/** Positions in the set decide on turns. */
const addresses = set.members.map(({ signer }) => signer);
const keyOf = (address: Address): Hex => keys.find((key) => addressOfKey(key) === address)!;
const domain = signingDomain(modelGenesis);
const config = { genesisAnchorNumber: 0n, epochLength: 60, heartbeat: 10, maxBatchAge: 6 };
const limits = { leakStart: 45, silenceLimit: 120, minSeats: 2 };

/** What the contract shows, and what one seat does about it. */
class Seat {
  now = 1_000n;
  head = 100n;
  since = 1_000n;
  present = 20n;
  counted = 40n;
  readyAt = 0n;
  pinned = 0n;
  certified: bigint | undefined;
  handovers: Handover[] = [];
  readonly lastSeen = new Map<Address, bigint>();
  readonly leftOut = new Map<Address, bigint>();
  readonly sent: { readonly name: string; readonly args: readonly unknown[] }[] = [];
  readonly self: Address;
  readonly keeper: HandoverKeeper;
  #wake: (() => void) | undefined;

  constructor(position: number, connected: readonly Address[]) {
    this.self = addresses[position]!;
    const headOf = (): object => ({ number: this.head, timestamp: this.now, parentHash: zeroHash });
    const signed = (): SignedBlock =>
      ({ attestation: { number: this.certified }, certificate: {} }) as unknown as SignedBlock;
    this.keeper = new HandoverKeeper({
      config,
      contract: zeroAddress,
      domain,
      signer: localSigner(keyOf(this.self)),
      sets: { of: async () => set, handovers: async () => this.handovers },
      connected: () => connected,
      l1: {
        read: async (_abi: unknown, _at: unknown, name: string, args: readonly unknown[]) => this.#read(name, args),
      } as never,
      watcher: {
        view: {
          get head() {
            return headOf();
          },
        },
        subscribe: (listener: () => void) => {
          this.#wake = listener;
          return () => undefined;
        },
      } as never,
      chain: { lastDerived: () => undefined, certificate: () => signed() },
      heads: { heads: () => ({ signed: { number: this.certified ?? 0n }, safe: { number: 0n } }) } as never,
      generation: () => 0,
      manager: {
        send: async ({ data }) => {
          // An attestation and a certificate of nothing: what is pinned is told by the number alone.
          const { functionName: name, args } = decodeFunctionData({ abi: emergencyHandoverAbi, data });
          this.sent.push({ name, args: args ?? [] });
          return {} as never;
        },
      },
      clock: new ManualClock(),
      logger: silentLogger(),
    });
  }

  #read(name: string, [argument]: readonly unknown[]): unknown {
    const signer = argument as Address;
    const answers: Readonly<Record<string, () => unknown>> = {
      silentSince: () => this.since,
      parameters: () => limits,
      lastSeen: () => this.lastSeen.get(signer) ?? 0n,
      leftOutSince: () => this.leftOut.get(signer) ?? 0n,
      announced: () => [
        { readyAt: this.readyAt, generation: 0, certifiedAt: 0n },
        { number: this.pinned, blockHash: zeroHash },
      ],
      presenceOf: () => ({
        presentWeight: this.present,
        countedWeight: this.counted,
        totalWeight: 40n,
        seats: this.present / 10n,
      }),
    };
    return answers[name]!();
  }

  /** L1 goes on to `now` in `blocks`, and the seat looks at it. */
  async at(now: bigint, blocks = 1n): Promise<readonly string[]> {
    this.now = now;
    this.head += blocks;
    const before = this.sent.length;
    if (this.#wake) this.#wake();
    else await this.keeper.start();
    // A pass waits for nothing but answers that are there.
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    return this.sent.slice(before).map(({ name }) => name);
  }
}

suite("a seat and the pool's silence", () => {
  let seat: Seat;
  beforeEach(() => {
    seat = new Seat(0, [addresses[1]!]);
  });

  test("says nothing while batches come", async () => {
    assert.deepEqual(await seat.at(1_029n), []);
    seat.since = 1_020n;
    assert.deepEqual(await seat.at(1_045n), []);
    assert.equal(seat.keeper.status, undefined);
  });

  test("signs a heartbeat of the last L1 block but one, and another when that is as old", async () => {
    assert.deepEqual(await seat.at(1_031n), ["heartbeat"]);
    const [beat, signature] = seat.sent[0]!.args as [Heartbeat, Hex];
    assert.deepEqual(beat, { generation: 0, epoch: 0n, l1BlockNumber: 100n, l1BlockHash: zeroHash });
    assert.equal(recoverSigner(heartbeatDigest(domain, beat), signature), seat.self);
    seat.lastSeen.set(seat.self, 1_031n);
    assert.deepEqual(await seat.at(1_060n), []);
    assert.deepEqual(await seat.at(1_061n), ["heartbeat"]);
    assert.equal(seat.keeper.status?.phase, "leaking");
  });

  /** Its heartbeats are in order: what else is there to do? */
  const busy = (given: Seat): Seat => {
    given.lastSeen.set(given.self, 1_095n);
    given.counted = 29n;
    return given;
  };

  test("announces the handover once the silent have decayed, and carries it out when its time has come", async () => {
    busy(seat);
    seat.counted = 30n;
    assert.deepEqual(await seat.at(1_096n), []);
    seat.counted = 29n;
    assert.deepEqual(await seat.at(1_097n), ["announceHandover"]);
    seat.readyAt = 1_110n;
    assert.deepEqual(await seat.at(1_109n), []);
    assert.deepEqual(await seat.at(1_110n), ["handover"]);
    const [members] = seat.sent.at(-1)!.args as [readonly { readonly signer: Address }[]];
    assert.deepEqual(
      members.map(({ signer }) => signer.toLowerCase()),
      addresses,
    );
  });

  test("leaves a step to those before it for two L1 blocks each, counting those that are there", async () => {
    const second = busy(new Seat(2, [addresses[0]!]));
    assert.deepEqual(await second.at(1_096n), []);
    assert.deepEqual(await second.at(1_097n), []);
    assert.deepEqual(await second.at(1_098n), ["announceHandover"]);
    const alone = busy(new Seat(2, []));
    assert.deepEqual(await alone.at(1_096n), ["announceHandover"]);
  });

  test("stops when the others come back", async () => {
    busy(seat);
    seat.readyAt = 1_110n;
    seat.present = 30n;
    seat.counted = 40n;
    assert.deepEqual(await seat.at(1_112n), []);
  });

  test("reports a member that was left out and stayed silent, once its time is over", async () => {
    seat.since = 1_200n;
    seat.handovers = [
      { generation: 1, epoch: 0n, l1BlockNumber: 90n, members: set.members.slice(0, 2), pin: undefined },
    ];
    seat.leftOut.set(addresses[3]!, 1_100n);
    assert.deepEqual(await seat.at(1_204n), []);
    seat.since = 1_225n;
    assert.deepEqual(await seat.at(1_231n), ["ejectSilent"]);
    assert.equal((seat.sent[0]!.args[0] as string).toLowerCase(), addresses[3]);
  });

  test("tells L1 that it is back when it was left out itself", async () => {
    seat = new Seat(3, []);
    seat.leftOut.set(seat.self, 1_000n);
    assert.deepEqual(await seat.at(1_031n), ["heartbeat"]);
  });
});
