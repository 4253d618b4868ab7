// The commands against the contracts, on an L1 of their own.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { deployL1, encodeDeployment, type L1Deployment } from "@metis/node";
import { profiles } from "@metis/protocol";
import { delegationAbi, lockingPoolAbi, metisTokenAbi } from "@metis/protocol/contracts";
import { smallDeployment, startAnvil, type Anvil } from "@metis/testing";
import { parseEther, type Address } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

interface Said {
  readonly exit: number;
  readonly said: Record<string, unknown>;
}
interface ToldStatus {
  readonly epoch: string;
  readonly next: { readonly epoch: string; readonly firstBlock: string; readonly lastBlock: string };
  readonly seats: readonly {
    readonly seatId: string;
    readonly role: string;
    readonly own: string;
    readonly signer: Address;
    readonly signerNow?: Address;
  }[];
  readonly exits: readonly { readonly exitId: string; readonly state: string; readonly amount: string }[];
}

const { devnet } = profiles;
const wei = (amount: string): string => parseEther(amount).toString();

suite("metis stake", () => {
  let anvil: Anvil;
  let folder: string;
  let deployment: L1Deployment;
  let owner: Address;
  const at = (name: string): string => join(folder, name);
  const newKey = (name: string): Address => {
    const key = generatePrivateKey();
    writeFileSync(at(name), key);
    return privateKeyToAddress(key);
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "metis-stake-"));
    anvil = await startAnvil();
    deployment = await deployL1(smallDeployment(anvil, { permissionless: false, emissionReserve: parseEther("1000") }));
    writeFileSync(at("deployment.json"), encodeDeployment(deployment));
    owner = newKey("owner.key");
    await anvil.client.setBalance({ address: owner, value: parseEther("10") });
    await anvil.client.writeContract({
      account: anvil.account(0),
      address: deployment.contracts.metisToken,
      abi: metisTokenAbi,
      functionName: "transfer",
      args: [owner, parseEther("50000")],
    });
  });
  after(async () => {
    await anvil?.stop();
    rmSync(folder, { recursive: true });
  });

  /** As governance would, after its delay. */
  const admit = async (account: Address): Promise<void> => {
    const { timelock, lockingPool } = deployment.contracts;
    await anvil.client.impersonateAccount({ address: timelock });
    await anvil.client.setBalance({ address: timelock, value: parseEther("1") });
    await anvil.client.writeContract({
      account: timelock,
      address: lockingPool,
      abi: lockingPoolAbi,
      functionName: "setWhitelist",
      args: [account, true],
    });
  };

  const stake = async (...args: readonly string[]): Promise<Said> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    const chain = ["--l1-rpc", anvil.url, "--deployment", at("deployment.json"), "--json"];
    const exit = await run(["stake", ...args, ...chain], io);
    return { exit, said: JSON.parse(lines[0] ?? "{}") as Record<string, unknown> };
  };
  const owned = (...args: readonly string[]): Promise<Said> => stake(...args, "--key-file", at("owner.key"));
  const passed = async (result: Promise<Said>): Promise<Record<string, unknown>> => {
    const { exit, said } = await result;
    assert.equal(exit, 0, JSON.stringify(said));
    return said;
  };
  const refused = async (result: Promise<Said>, code: string, message: RegExp): Promise<void> => {
    const { error } = (await result).said as { readonly error: { readonly code: string; readonly message: string } };
    assert.equal(error?.code, code, error?.message);
    assert.match(error.message, message);
  };
  const status = async (...args: readonly string[]): Promise<ToldStatus> =>
    (await passed(stake("status", ...args))) as unknown as ToldStatus;
  const roleOf = async (seatId: string): Promise<string | undefined> =>
    (await status("--seat", seatId)).seats.find((seat) => seat.seatId === seatId)?.role;
  /** Mines up to the first L1 block in which the next set may be frozen, then freezes it; returns its epoch. */
  const freeze = async (): Promise<string> => {
    const { next } = await status();
    const missing = BigInt(next.firstBlock) - (await anvil.client.getBlockNumber()) - 1n;
    if (missing > 0n) await anvil.client.mine({ blocks: Number(missing), interval: 1 });
    return (await passed(owned("freeze")))["epoch"] as string;
  };
  /** Mines into an epoch. */
  const enter = async (epoch: string): Promise<void> => {
    const { epoch: now, next } = await status();
    const length = devnet.chain.epochLength;
    const into =
      (await anvil.client.getBlockNumber()) - (BigInt(next.firstBlock) - (BigInt(next.epoch) - 1n) * BigInt(length));
    const wanted = BigInt(epoch) * BigInt(length);
    if (BigInt(now) < BigInt(epoch)) await anvil.client.mine({ blocks: Number(wanted - into), interval: 1 });
  };

  test("a seat is refused to whom the list does not admit, for too little, and twice: each with what to do", async () => {
    newKey("signer.key");
    const signer = ["--signer-key-file", at("signer.key")];
    await refused(owned("lock", "--amount", "25000", ...signer), "not-whitelisted", /admission list/);
    await admit(owner);
    await refused(
      owned("lock", "--amount", "10000", ...signer),
      "amount-out-of-bounds",
      /between 20000 METIS and 100000/,
    );
    await refused(owned("lock", "--amount", "60000", ...signer), "erc20-insufficient-balance", /needs 60000 METIS/);
    await refused(owned("relock", "--amount", "1"), "no-seat", /metis stake lock/);
    const taken = await passed(owned("lock", "--amount", "25000", ...signer));
    assert.equal(taken["seatId"], "2");
    newKey("other.key");
    await refused(
      owned("lock", "--amount", "20000", "--signer-key-file", at("other.key")),
      "owned-sequencer",
      /relock/,
    );
  });

  test("a seat joins with the next set that is frozen, and serves when its epoch begins", async () => {
    const { next } = await status();
    assert.equal(await roleOf("2"), "joining");
    const epoch = await freeze();
    assert.equal(epoch, next.epoch);
    await refused(owned("freeze"), "freeze-too-early", /L1 block \d+ on/);
    assert.equal(await roleOf("2"), "joining");
    await enter(epoch);
    assert.equal(await roleOf("2"), "active");
  });

  test("more stake and another key count from the next frozen set on", async () => {
    const grown = await passed(owned("relock", "--amount", "5000"));
    assert.equal(grown["own"], wei("30000"));
    const key = newKey("signer2.key");
    const changed = await passed(owned("signer", "--signer-key-file", at("signer2.key")));
    assert.deepEqual([changed["signer"], changed["fromEpoch"]], [key, (await status()).next.epoch]);
    await refused(
      owned("signer", "--signer-key-file", at("other.key")),
      "signer-changed-already",
      /once between two.*stake status/,
    );
    await freeze();
    await refused(owned("signer", "--signer-key-file", at("signer.key")), "signer-existed", /serves one seat for ever/);
    const { seats } = await status();
    const seat = seats.find(({ seatId }) => seatId === "2");
    assert.equal(seat?.signer, key);
    assert.notEqual(seat.signerNow, key);
  });

  test("an exit waits for the next set, then for its delay, then for settlement, and says which", async () => {
    await refused(owned("unlock", "--amount", "20000"), "too-little-left", /at least 20000 METIS.*--all/);
    const queued = await passed(owned("unlock", "--amount", "5000"));
    assert.deepEqual([queued["exitId"], queued["amount"]], ["1", wei("5000")]);
    await refused(owned("claim", "--exit", "1"), "exit-not-started", /stake freeze/);
    await refused(owned("claim"), "nothing-claimable", /starts when the next set is frozen/);
    await freeze();
    await refused(owned("claim", "--exit", "1"), "exit-too-early", /--wait/);
    await anvil.client.increaseTime({ seconds: devnet.l1.exitDelay });
    await anvil.client.mine({ blocks: 1 });
    await refused(owned("claim", "--exit", "1"), "epochs-not-settled", /settled on L1/);
    await refused(owned("claim", "--exit", "9"), "unknown-exit", /stake status/);
  });

  test("who has 100 METIS delegates them, moves a part, and takes a part out through the seat's exit queue", async () => {
    await refused(owned("delegate", "--seat", "1", "--amount", "0.5"), "too-little", /1 METIS is the least/);
    await refused(owned("delegate", "--seat", "7", "--amount", "5"), "seq-not-active", /no seat 7/);
    await refused(owned("undelegate", "--seat", "1", "--all"), "no-delegation", /delegated nothing to seat 1/);
    const put = await passed(owned("delegate", "--seat", "1", "--amount", "100"));
    assert.deepEqual([put["seatId"], put["amount"], put["shares"]], ["1", wei("100"), wei("100")]);
    await refused(
      owned("undelegate", "--seat", "1", "--amount", "101"),
      "not-delegated",
      /100 METIS are behind seat 1/,
    );
    const out = await passed(owned("undelegate", "--seat", "1", "--amount", "40"));
    await refused(owned("redelegate", "--from", "1", "--to", "7", "--all"), "no-such-seat", /no seat 7/);
    const on = await passed(owned("redelegate", "--from", "1", "--to", "2", "--all"));
    assert.deepEqual([out["amount"], on["amount"], on["toSeatId"]], [wei("40"), wei("60"), "2"]);
    const exits = [out["exitId"], on["exitId"]] as string[];
    await refused(owned("redelegate", "--complete", exits[1]!), "exit-not-started", /stake freeze/);
    await refused(owned("redelegate", "--complete", exits[0]!), "not-redelegating", /goes to no seat/);
    const { exits: seen } = await status("--owner", owner);
    assert.deepEqual(
      seen.filter(({ exitId }) => exits.includes(exitId)).map(({ amount, state }) => [amount, state]),
      [
        [wei("60"), "queued"],
        [wei("40"), "queued"],
      ],
    );
  });

  test("an epoch's rewards go to owner and delegators, and are withdrawn to L1 or to L2", async () => {
    await refused(owned("rewards", "--withdraw"), "nothing-earned", /has earned nothing/);
    const { emissionReserve, delegation, metisToken } = deployment.contracts;
    await passed(owned("delegate", "--seat", "1", "--amount", "100"));
    const asReserve = { account: emissionReserve, address: delegation, abi: delegationAbi } as const;
    await anvil.client.impersonateAccount({ address: emissionReserve });
    await anvil.client.setBalance({ address: emissionReserve, value: parseEther("1") });
    const earn = async (): Promise<void> => {
      await anvil.client.writeContract({
        ...asReserve,
        functionName: "creditRewards",
        args: [1n, [1n], [parseEther("201")]],
      });
      await anvil.client.writeContract({
        account: emissionReserve,
        address: metisToken,
        abi: metisTokenAbi,
        functionName: "transfer",
        args: [delegation, parseEther("201")],
      });
    };
    await earn();
    // 100 of 20,100 METIS are this account's.
    const shown = await passed(owned("rewards"));
    assert.equal(shown["amount"], wei("1"));
    assert.equal((await passed(owned("rewards", "--withdraw")))["amount"], wei("1"));
    await earn();
    const bridged = await passed(owned("rewards", "--to-l2"));
    assert.deepEqual([bridged["amount"], bridged["toL2"]], [wei("1"), owner]);
    await refused(owned("rewards", "--to-l2"), "nothing-earned", /has earned nothing/);
    await passed(owned("undelegate", "--seat", "1", "--all"));
  });

  test("a seat's owner sets its commission, and nobody else", async () => {
    await refused(owned("commission", "--rate", "5", "--seat", "1"), "not-seq-owner", /does not own seat 1/);
    await refused(owned("commission", "--rate", "51"), "commission-too-high", /50 % at most/);
    const set = await passed(owned("commission", "--rate", "7.5"));
    assert.deepEqual([set["commission"], set["fromEpoch"]], [750, (await status()).next.epoch]);
  });

  test("who leaves serves until the set without the seat begins, and keeps the exits in sight", async () => {
    await passed(owned("unlock", "--all"));
    assert.equal(await roleOf("2"), "leaving");
    await enter(await freeze());
    assert.equal(await roleOf("2"), "left");
    const { exits } = await status("--owner", owner);
    assert.deepEqual(
      exits.map(({ exitId, amount }) => [exitId, amount]),
      [
        ["5", wei("25000")],
        ["4", wei("100")],
        ["3", wei("60")],
        ["2", wei("40")],
        ["1", wei("5000")],
      ],
    );
    await refused(owned("unlock", "--amount", "1", "--seat", "2"), "seq-not-active", /metis stake lock/);
  });
});
