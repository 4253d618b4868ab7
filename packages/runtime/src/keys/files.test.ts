import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { seededRng } from "../rng.ts";
import { Secret } from "../secret.ts";
import { openKeyFile, readKeyFile, readPasswordFile, writePrivateFile } from "./files.ts";
import { encryptKeystore } from "./keystore.ts";

const key = `0x${"11".repeat(32)}`;
const noPassword = (): Promise<Secret> => Promise.reject(new Error("nobody is asked"));

suite("key files", () => {
  let folder: string;
  const file = (name: string, content?: string): string => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "metis-keys-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  test("a bare key opens without a password, a keystore with it", async () => {
    assert.equal((await openKeyFile(file("plain.key", `${key}\n`), noPassword)).reveal(), key);
    const options = { rng: seededRng(1), cost: { n: 2, r: 8, p: 1 } };
    const path = file("keystore.json", await encryptKeystore(new Secret(key), new Secret("secret"), options));
    assert.equal((await openKeyFile(path, () => Promise.resolve(new Secret("secret")))).reveal(), key);
    await assert.rejects(
      openKeyFile(path, () => Promise.resolve(new Secret("other"))),
      { code: "wrong-password", message: new RegExp(`${path}: the password is wrong`) },
    );
  });

  test("what is no key is refused without being shown", async () => {
    const inner = "correct horse battery staple";
    await assert.rejects(readKeyFile(file("words.txt", inner)), (error: Error) => {
      assert.match(error.message, /words\.txt holds neither/);
      assert.ok(!error.message.includes(inner));
      return true;
    });
    await assert.rejects(readKeyFile(file("long.txt", "0".repeat(100_000))), { code: "keystore-malformed" });
    await assert.rejects(readKeyFile(file("absent")), { code: "key-file-unreadable", message: /ENOENT/ });
  });

  test("a password is the first line of its file, without the line's end", async () => {
    for (const text of [" two words ", " two words \n", " two words \r\nmore\n"])
      assert.equal((await readPasswordFile(file("password.txt", text))).reveal(), " two words ");
    await assert.rejects(readPasswordFile(file("password.txt", "\n")), { code: "password-missing" });
  });

  test("a private file is its owner's alone, appears whole, and never replaces another", async () => {
    const path = file("new.json");
    await writePrivateFile(path, "first");
    if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
    await assert.rejects(writePrivateFile(path, "second"), { code: "key-file-exists" });
    assert.equal(readFileSync(path, "utf8"), "first");
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith(".new")),
      [],
    );
  });
});
