// A slash that the council gives back, and a seat that presents itself, on an L1 of their own.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { getSequencerList, reportReceipts } from "@metis/client";
import { deployL1, encodeDeployment, type L1Deployment } from "@metis/node";
import { receiptDigest, signDigest, signingDomain } from "@metis/protocol";
import { metisTokenAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { smallDeployment, startAnvil, type Anvil } from "@metis/testing";
import { keccak256, parseEther, stringToHex, type Address } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

const wei = (amount: string): string => parseEther(amount).toString();

suite("metis stake refund and metadata", () => {
  const folder = mkdtempSync(join(tmpdir(), "metis-refund-"));
  const leaderKey = generatePrivateKey();
  let anvil: Anvil;
  let deployment: L1Deployment;

  /** An account with ETH and a key file named after it. */
  const newAccount = async (name: string): Promise<Address> => {
    const key = generatePrivateKey();
    writeFileSync(join(folder, `${name}.key`), key);
    const { address } = privateKeyToAccount(key);
    await anvil.client.setBalance({ address, value: parseEther("10") });
    return address;
  };
  const stake = async (as: string, ...args: readonly string[]): Promise<Record<string, unknown>> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    const chain = ["--l1-rpc", anvil.url, "--deployment", join(folder, "deployment.json"), "--json"];
    await run(["stake", ...args, ...chain, "--key-file", join(folder, `${as}.key`)], io);
    return JSON.parse(lines[0] ?? "{}") as Record<string, unknown>;
  };
  const codeOf = ({ error }: Record<string, unknown>): unknown => (error as { readonly code?: string })?.code;
  const write = async (account: Parameters<Anvil["client"]["writeContract"]>[0]): Promise<void> => {
    const hash = await anvil.client.writeContract(account);
    await anvil.client.waitForTransactionReceipt({ hash });
  };

  before(async () => {
    anvil = await startAnvil();
    const owner = await newAccount("owner");
    const delegator = await newAccount("delegator");
    deployment = await deployL1(
      smallDeployment(anvil, {
        council: anvil.account(6).address,
        seats: [{ owner, amount: parseEther("20000"), signer: privateKeyToAccount(leaderKey) }],
      }),
    );
    writeFileSync(join(folder, "deployment.json"), encodeDeployment(deployment));
    await write({
      account: anvil.account(0),
      chain: null,
      address: deployment.contracts.metisToken,
      abi: metisTokenAbi,
      functionName: "transfer",
      args: [delegator, parseEther("1000")],
    });
  });
  after(async () => {
    await anvil?.stop();
    rmSync(folder, { recursive: true });
  });

  /** Two receipts with one sequence: a hundredth of the seat is slashed. */
  async function breakOrder(): Promise<void> {
    const domain = signingDomain(deployment.genesisConfig);
    const receiptOf = (transaction: string) => {
      const transactionHash = keccak256(stringToHex(transaction));
      const receipt = { generation: 0, transactionHash, sequence: 7n, firstBlock: 1n, lastBlock: 256n };
      return { receipt, signature: signDigest(receiptDigest(domain, receipt), leaderKey) };
    };
    const receipts = [receiptOf("mine"), receiptOf("theirs")] as const;
    const hash = await reportReceipts(anvil.client, {
      account: anvil.account(5),
      contracts: deployment.genesisConfig,
      receipts,
    });
    await anvil.client.waitForTransactionReceipt({ hash });
  }

  test("delegators claim their part once the council gives the slash back, and only once", async () => {
    assert.equal(codeOf(await stake("delegator", "delegate", "--seat", "1", "--amount", "1000")), undefined);
    await breakOrder();
    assert.equal(codeOf(await stake("delegator", "refund", "--slash", "1")), "not-refunded");
    await write({
      account: anvil.account(6),
      chain: null,
      address: deployment.contracts.slashingManager,
      abi: slashingManagerAbi,
      functionName: "refund",
      args: [1n],
    });
    // A hundredth of 1,000, less the reporter's fifth.
    assert.equal((await stake("delegator", "refund", "--slash", "1"))["amount"], wei("8"));
    assert.equal(codeOf(await stake("delegator", "refund", "--slash", "1")), "nothing-to-refund");
    assert.equal((await stake("delegator", "slashes", "--withdraw"))["amount"], wei("8"));
    assert.equal(codeOf(await stake("delegator", "refund", "--slash", "1", "--exit", "99")), "unknown-exit");
    assert.equal(codeOf(await stake("delegator", "refund", "--slash", "1", "--delegator", "me")), "usage");
  });

  test("a seat's owner says how lists present it", async () => {
    const shown = ["--name", "North", "--url", "https://north.example"];
    assert.equal(codeOf(await stake("delegator", "metadata", ...shown, "--seat", "1")), "not-seq-owner");
    assert.equal(codeOf(await stake("owner", "metadata", ...shown)), undefined);
    const [seat] = await getSequencerList(anvil.client, { contracts: deployment.genesisConfig });
    assert.partialDeepStrictEqual(seat, { name: "North", url: "https://north.example" });
    assert.equal(codeOf(await stake("owner", "metadata", "--name", "x".repeat(25))), "metadata-invalid");
  });
});
