import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** A number that only grows. `labels` must be the names given at creation. */
export interface CounterMetric {
  inc(by?: number, labels?: Readonly<Record<string, string>>): void;
}

export interface GaugeMetric {
  set(value: number, labels?: Readonly<Record<string, string>>): void;
}

export interface HistogramMetric {
  observe(value: number, labels?: Readonly<Record<string, string>>): void;
}

/** Prometheus metrics of one process. Names get the prefix `metis_`; asking twice for a name returns the same metric. */
export interface Metrics {
  counter(name: string, help: string, labelNames?: readonly string[]): CounterMetric;
  gauge(name: string, help: string, labelNames?: readonly string[]): GaugeMetric;
  /** `buckets` in the unit that the name ends with. */
  histogram(name: string, help: string, buckets: readonly number[], labelNames?: readonly string[]): HistogramMetric;
  /** A gauge that is read when it is asked for. */
  observed(name: string, help: string, read: () => number): void;
  /** Text exposition format 0.0.4. */
  render(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  /** Also exports memory, event loop and garbage collection of the process. */
  readonly process?: boolean;
}

/** Buckets for durations in seconds, half a millisecond to ten seconds. */
export const durationBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** A registry of Prometheus metrics; every name gets the prefix `metis_`, and asking for one again gives the same. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry, prefix: "metis_" });
  const once = <T>(name: string, make: (fullName: string) => T): T => {
    const fullName = `metis_${name}`;
    return (registry.getSingleMetric(fullName) as T | undefined) ?? make(fullName);
  };
  return {
    counter: (name, help, labelNames = []) => {
      const metric = once(name, (full) => new Counter({ name: full, help, labelNames, registers: [registry] }));
      return { inc: (by = 1, labels) => (labels ? metric.inc(labels, by) : metric.inc(by)) };
    },
    gauge: (name, help, labelNames = []) => {
      const metric = once(name, (full) => new Gauge({ name: full, help, labelNames, registers: [registry] }));
      return { set: (value, labels) => (labels ? metric.set(labels, value) : metric.set(value)) };
    },
    histogram: (name, help, buckets, labelNames = []) => {
      const make = (full: string): Histogram =>
        new Histogram({ name: full, help, labelNames, buckets: [...buckets], registers: [registry] });
      const metric = once(name, make);
      return { observe: (value, labels) => (labels ? metric.observe(labels, value) : metric.observe(value)) };
    },
    observed: (name, help, read) => {
      once(name, (full) => new Gauge({ name: full, help, registers: [registry], collect: observe(read) }));
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

const observe = (read: () => number) =>
  function collect(this: Gauge): void {
    this.set(read());
  };
