/**
 * Who may do what: permissions and roles, passwords, secrets, and limits on guessing. It decides and computes; it keeps nothing.
 *
 * @module
 */
export * from "./decide.ts";
export * from "./group_roles.ts";
export * from "./guessing.ts";
export * from "./passwords.ts";
export * from "./permissions.ts";
export * from "./secrets.ts";
export * from "./webhook_proof.ts";
