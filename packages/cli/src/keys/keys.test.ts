import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { privateKeyToAddress } from "viem/accounts";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

const key = `0x${"42".repeat(32)}` as const;
const address = privateKeyToAddress(key);

suite("metis keys", () => {
  let folder: string;
  let passwordFile: string;
  const at = (name: string): string => join(folder, name);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "metis-cli-keys-"));
    passwordFile = at("password");
    writeFileSync(passwordFile, "sesame\n");
    writeFileSync(at("plain.key"), `${key}\n`);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What a command says in JSON, and its exit code. */
  const ask = async (...args: readonly string[]): Promise<{ readonly exit: number; readonly said: unknown }> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    const exit = await run([...args, "--json"], io);
    assert.ok(!lines.join("").includes(key.slice(2)), "a key was shown");
    return { exit, said: lines.map((line) => JSON.parse(line) as unknown)[0] };
  };
  const errorOf = async (...args: readonly string[]) => {
    const { exit, said } = await ask(...args);
    return { exit, ...(said as { error: { code: string; message: string } }).error };
  };

  test("an imported key comes out again as it was, and passes only through private files", async () => {
    const keystore = at("imported.json");
    const target = ["--out", keystore, "--password-file", passwordFile, "--light-kdf"];
    assert.deepEqual(await ask("keys", "import", at("plain.key"), ...target), {
      exit: 0,
      said: { address, file: keystore },
    });
    assert.ok(!readFileSync(keystore, "utf8").includes(key.slice(2)));
    const out = at("exported.key");
    await ask("keys", "export", keystore, "--out", out, "--password-file", passwordFile);
    assert.equal(readFileSync(out, "utf8"), `${key}\n`);
    if (process.platform !== "win32")
      for (const file of [keystore, out]) assert.equal(statSync(file).mode & 0o777, 0o600);
    const shown = await ask("keys", "show", keystore, "--verify", "--password-file", passwordFile);
    assert.deepEqual(shown.said, {
      file: keystore,
      kind: "keystore",
      kdf: "scrypt n=4096 r=8 p=6",
      address,
      verified: true,
    });
    const again = await errorOf("keys", "import", at("plain.key"), ...target);
    assert.deepEqual([again.exit, again.code], [1, "key-file-exists"]);
  });

  test("a new key is named after its address, and a folder lists whose keys it has", async () => {
    const dir = at("ring");
    const options = ["--dir", dir, "--password-file", passwordFile, "--light-kdf"];
    const made = (await ask("keys", "new", ...options)).said as { address: string; file: string };
    assert.equal(made.file, join(dir, `${made.address}.json`));
    writeFileSync(join(dir, "notes.txt"), "no key");
    assert.deepEqual((await ask("keys", "list", "--dir", dir)).said, [
      { ...made, kind: "keystore", kdf: "scrypt n=4096 r=8 p=6" },
    ]);
    assert.deepEqual(readdirSync(dir).length, 2);
  });

  test("a keystore can be given another password", async () => {
    const [old, renewed, newPassword] = [at("old.json"), at("renewed.json"), at("new-password")];
    writeFileSync(newPassword, "simsalabim");
    await ask("keys", "import", at("plain.key"), "--out", old, "--password-file", passwordFile, "--light-kdf");
    const from = ["--from-password-file", passwordFile, "--password-file", newPassword, "--light-kdf"];
    await ask("keys", "import", old, "--out", renewed, ...from);
    const shown = await ask("keys", "show", renewed, "--verify", "--password-file", newPassword);
    assert.equal((shown.said as { address: string }).address, address);
    const wrong = await errorOf("keys", "show", renewed, "--verify", "--password-file", passwordFile);
    assert.equal(wrong.code, "wrong-password");
  });

  test("what goes wrong is said in a sentence with a code", async () => {
    writeFileSync(at("broken.json"), "{}");
    const [missing, broken] = [
      await errorOf("keys", "show", at("no")),
      await errorOf("keys", "show", at("broken.json")),
    ];
    assert.deepEqual([missing.exit, missing.code], [1, "key-file-unreadable"]);
    assert.deepEqual([broken.exit, broken.code], [1, "keystore-unsupported"]);
    assert.match(broken.message, /broken\.json/);
  });
});
