import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { chosenPassword } from "./passwords.ts";
import { askHidden, type Terminal } from "./prompt.ts";

/** A terminal at which somebody types, and what it shows. */
function typing(...lines: readonly string[]): { readonly terminal: Terminal; readonly shown: () => string } {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  const left = [...lines];
  const seen: string[] = [];
  output.on("data", (chunk: Buffer) => {
    seen.push(chunk.toString());
    if (seen.at(-1)!.endsWith(": ")) input.write(left.shift() ?? "\u0003");
  });
  return { terminal: { input, output }, shown: () => seen.join("") };
}

test("what is typed at a hidden question is returned and not shown", async () => {
  const { terminal, shown } = typing("open sesame\r");
  const secret = await askHidden("Password: ", "--password-file", terminal);
  assert.equal(secret.reveal(), "open sesame");
  assert.equal(shown(), "Password: \n");
});

test("Ctrl-C at the question ends it, and where there is no terminal another way is named", async () => {
  await assert.rejects(askHidden("Password: ", "-", typing().terminal), { message: "no answer was given" });
  const deaf: Terminal = { input: new PassThrough(), output: new PassThrough() };
  await assert.rejects(askHidden("Password: ", "--password-file", deaf), { message: /give --password-file/ });
});

test("a new password is typed twice, and is not empty", async () => {
  assert.equal((await chosenPassword(undefined, typing("a b\r", "a b\r").terminal)).reveal(), "a b");
  await assert.rejects(chosenPassword(undefined, typing("one\r", "two\r").terminal), { message: /differ/ });
  await assert.rejects(chosenPassword(undefined, typing("\r").terminal), { message: /needs a password/ });
});
