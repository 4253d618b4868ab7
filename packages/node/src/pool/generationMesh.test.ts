import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mesh } from "@metis/committee";
import { generationMesh } from "./generationMesh.ts";

const from = "0x00000000000000000000000000000000000000a1";

test("engines of one generation hear each other, those of two do not, and noise is dropped", () => {
  const receivers: ((sender: typeof from, message: Uint8Array) => void)[] = [];
  const wire: Mesh = {
    broadcast: (message) => receivers.forEach((receiver) => receiver(from, message)),
    send: (_, message) => receivers.forEach((receiver) => receiver(from, message)),
    receive: (receiver) => {
      receivers.push((sender, message) => receiver(sender, message));
      return () => undefined;
    },
  };
  const heard: string[] = [];
  for (const generation of [0, 1, 0x0100_0000])
    generationMesh(wire, generation).receive((_, message) => heard.push(`${generation}: ${message.join()}`));
  generationMesh(wire, 1).broadcast(Uint8Array.of(7, 8));
  generationMesh(wire, 0x0100_0000).send(from, Uint8Array.of(9));
  generationMesh(wire, 0).broadcast(new Uint8Array());
  for (let length = 0; length < 4; length++) wire.broadcast(new Uint8Array(length));
  assert.deepEqual(heard, ["1: 7,8", "16777216: 9", "0: "]);
});
