/** The former name of `/readyz`, which stays. */
export { handler } from "./readyz.ts";
