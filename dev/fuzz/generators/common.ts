import fc from 'fast-check';

/** The type of the values that a generator makes. */
export type ValueOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

/** A duration in ms of any order of magnitude, the limits of the contract among them. */
export function durationMs(maxMs = 2_000_000): fc.Arbitrary<number> {
  const orders = [400, 4_000, 25_000, 150_000, 600_000, 2_000_000].filter((ms) => ms <= maxMs);
  const limits = [0, 10_000, 15_000, 30_000, 60_000].filter((ms) => ms <= maxMs);
  return fc.oneof(...orders.map((ms) => fc.nat(ms)), fc.constantFrom(...limits));
}

/** One value, or some values, most of the time, and once in a while another. */
export function usually<T>(most: T | fc.Arbitrary<T>, other: fc.Arbitrary<T>, oneIn = 6): fc.Arbitrary<T> {
  const usual = most instanceof fc.Arbitrary ? most : fc.constant(most);
  return fc.oneof(weighted(oneIn - 1, usual), weighted(1, other));
}

/** A choice of {@link fc.oneof}. */
export const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
