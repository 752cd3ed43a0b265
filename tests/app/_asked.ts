/** The names of the methods of stores that are called from now on, in order, as `STORE.METHOD`. The stores stay changed. */
export function askedOf(stores: Readonly<Record<string, object>>): string[] {
  const asked: string[] = [];
  for (const [name, store] of Object.entries(stores)) {
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(store))) {
      const call: unknown = Reflect.get(store, method);
      if (typeof call !== "function" || method === "constructor") continue;
      const value = (...args: readonly unknown[]): unknown => {
        asked.push(`${name}.${method}`);
        return Reflect.apply(call, store, args);
      };
      Object.defineProperty(store, method, { value });
    }
  }
  return asked;
}
