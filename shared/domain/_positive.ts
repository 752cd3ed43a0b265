/** `value` if it can be an id of `what`. @throws {RangeError} when it is not a positive whole number. */
export function positive(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`Cannot use ${value} as a ${what} id: it must be a whole number from 1`);
}
