import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deployL1, encodeDeployment } from "@metis/node";
import { profiles } from "@metis/protocol";
import { smallDeployment, startAnvil } from "@metis/testing";
import { parseEther, toHex } from "viem";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

test("a pool below two thirds is handed over by hand, when L1 lets it and not before", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "metis-handover-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const anvil = await startAnvil();
  t.after(() => anvil.stop());
  const { devnet } = profiles;
  const seats = [3, 4, 5, 6].map((index) => anvil.account(index));
  const deployment = await deployL1(
    smallDeployment(anvil, {
      seats: seats.map((signer) => ({ owner: signer.address, amount: parseEther("20000"), signer })),
    }),
  );
  const deploymentFile = join(folder, "deployment.json");
  writeFileSync(deploymentFile, encodeDeployment(deployment));
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6");

  interface Said {
    readonly exit: number;
    readonly said: Record<string, unknown>;
  }
  const metis = async (...args: readonly string[]): Promise<Said> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    const flags = ["--l1-rpc", anvil.url, "--deployment", deploymentFile, "--json"];
    const exit = await run([...args, ...flags], io);
    return { exit, said: JSON.parse(lines[0]!) as Record<string, unknown> };
  };
  const handover = (): Promise<Said> => metis("handover", "--key-file", keyFile);
  /** A file with the key of one of anvil's accounts. */
  const seatKey = (index: number): string => {
    const file = join(folder, `seat-${index}`);
    writeFileSync(file, toHex(seats[index]!.getHdKey().privateKey!));
    return file;
  };
  const beat = (index: number): Promise<Said> =>
    metis("stake", "heartbeat", "--signer-key-file", seatKey(index), "--key-file", keyFile);
  /** L1 goes on for so many seconds; then the first two seats tell it that they are there. */
  const pass = async (seconds: number): Promise<void> => {
    await anvil.client.mine({ blocks: seconds, interval: 1 });
    for (const index of [0, 1]) {
      const { exit, said } = await beat(index);
      assert.equal(exit, 0, JSON.stringify(said));
    }
  };
  const { leakStart, silentEjection, pinWindow } = devnet.l1;
  /** Who is there, as `metis stake heartbeat` shows it, in the order of the seats. */
  const silent = async (): Promise<readonly string[]> => {
    const { said } = await metis("stake", "heartbeat");
    const members = said["members"] as readonly { readonly signer: string; readonly silentFor: number }[];
    return seats.map(({ address }) => {
      const { silentFor } = members.find(({ signer }) => signer === address)!;
      return silentFor < leakStart ? "there" : "silent";
    });
  };
  const stranger = await metis("stake", "heartbeat", "--signer-key-file", keyFile, "--key-file", keyFile);
  assert.match(JSON.stringify(stranger.said), /"not-a-seat".*signs for no seat/);
  const early = await handover();
  assert.equal(early.exit, 1);
  assert.match(JSON.stringify(early.said), /no-cause/);
  await pass(leakStart);
  assert.equal((await handover()).exit, 1, "the silent still weigh too much");
  assert.deepEqual(
    await silent(),
    seats.map((_, index) => (index < 2 ? "there" : "silent")),
  );

  await pass(silentEjection - leakStart);
  const { exit, said } = await handover();
  assert.equal(exit, 0, JSON.stringify(said));
  assert.equal(said["phase"], "announced");
  await pass(pinWindow);
  const done = await handover();
  assert.equal(done.exit, 0, JSON.stringify(done.said));
  assert.equal(done.said["generation"], 1);
  assert.equal((done.said["members"] as readonly unknown[]).length, 2);
  assert.match(JSON.stringify((await handover()).said), /batches come/);
});
