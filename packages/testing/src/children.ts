import type { Child } from "@metis/runtime";

type Ended = Pick<Child, "running" | "kill">;

const living = new Map<Ended, NodeJS.Signals>();

// Nothing waits any more by then.
process.once("exit", () => {
  for (const [child, signal] of living) if (child.running) child.kill(signal);
});

/** A child of a test, which gets `signal` when the test's process ends without having stopped it: when a hook failed, say. */
export function endWithUs<C extends Ended>(child: C, signal: NodeJS.Signals = "SIGKILL"): C {
  for (const known of living.keys()) if (!known.running) living.delete(known);
  living.set(child, signal);
  return child;
}
