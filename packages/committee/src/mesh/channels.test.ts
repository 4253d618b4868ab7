import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@metis/runtime";
import type { Address } from "viem";
import { MeshChannel, MeshChannels } from "./channels.ts";

const peer: Address = `0x${"11".repeat(20)}`;

function wire() {
  const sent: Uint8Array[] = [];
  let deliver: (from: Address, message: Uint8Array) => void = () => undefined;
  const mesh = {
    broadcast: (message: Uint8Array) => void sent.push(message),
    send: (_: Address, message: Uint8Array) => void sent.push(message),
    receive: (receiver: typeof deliver) => {
      deliver = receiver;
      return () => undefined;
    },
  };
  const channels = new MeshChannels(mesh, silentLogger());
  return { sent, channels, deliver: (message: Uint8Array) => deliver(peer, message) };
}

test("a channel hears what was sent on it and nothing else", () => {
  const { sent, channels, deliver } = wire();
  const heard: number[][] = [];
  const leave = channels.channel(MeshChannel.batches).receive((_, message) => heard.push([...message]));
  channels.channel(MeshChannel.batches).broadcast(Uint8Array.of(7, 8));
  channels.channel(MeshChannel.consensus).send(peer, Uint8Array.of(9));
  for (const message of sent) deliver(message);
  leave();
  deliver(sent[0]!);
  assert.deepEqual(heard, [[7, 8]]);
});

test("an empty message or one for no channel does no harm", () => {
  const { deliver } = wire();
  deliver(new Uint8Array());
  deliver(Uint8Array.of(200, 1));
});
