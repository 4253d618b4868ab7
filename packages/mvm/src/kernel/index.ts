export { Kernel, type KernelHost, type Room } from "./kernel.ts";
export { loadKernelModule } from "./load.ts";
export { hasNativeRecover, recoverKey } from "./recover.ts";
export { RecoveryTable } from "./recoveries.ts";
