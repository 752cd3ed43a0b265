/** The version of the product, the same as in `shared/deno.json`. */
export const VERSION = "0.1.0";
