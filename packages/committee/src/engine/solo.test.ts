import { ManualClock, silentLogger } from "@metis/runtime";
import { describeEngine } from "../testing/engineCompliance.ts";
import { SoloEngine } from "./solo.ts";

describeEngine("solo", (application) => {
  const clock = new ManualClock();
  const address = "0x00000000000000000000000000000000000000a1";
  const engine = new SoloEngine({ address, application, clock, logger: silentLogger(), firstHeight: 1n, retryMs: 100 });
  return { engine, retry: () => clock.advance(100) };
});
