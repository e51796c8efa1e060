import fc from 'fast-check';

/** A span or moment in milliseconds, of any order of magnitude, with the numbers that the contract names among them. */
export function span(longestMs = 2_000_000): fc.Arbitrary<number> {
  const orders = [400, 4_000, 25_000, 150_000, 600_000, 2_000_000].filter((ms) => ms <= longestMs);
  return fc.oneof(
    ...orders.map((ms) => fc.nat(ms)),
    fc.constantFrom(...[0, 10_000, 15_000, 30_000, 60_000].filter((ms) => ms <= longestMs)),
  );
}

/** What is usually one thing, and now and then another. */
export function usually<T>(usual: T, arbitrary: fc.Arbitrary<T>, oneIn = 6): fc.Arbitrary<T> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });
}
