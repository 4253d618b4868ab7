import type { Mesh } from "@metis/committee";
import type { Generation } from "@metis/protocol";

const headBytes = 4;

/** The consensus channel as one generation's engine sees it: what others say in another generation is dropped. */
export function generationMesh(mesh: Mesh, generation: Generation): Mesh {
  const framed = (message: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(headBytes + message.length);
    new DataView(bytes.buffer).setUint32(0, generation);
    bytes.set(message, headBytes);
    return bytes;
  };
  return {
    broadcast: (message) => mesh.broadcast(framed(message)),
    send: (to, message) => mesh.send(to, framed(message)),
    receive: (receiver) =>
      mesh.receive((from, message) => {
        if (message.length < headBytes) return;
        const view = new DataView(message.buffer, message.byteOffset);
        if (view.getUint32(0) === generation) receiver(from, message.subarray(headBytes));
      }),
  };
}
