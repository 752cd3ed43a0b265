/**
 * Configuration: environment variables, read once at the start of a process into a typed value. All problems are reported
 * together.
 *
 * @module
 */
export type { Config, JobctlValues, WebValues } from "./config.ts";
export * from "./database_url.ts";
export type { OidcConfig } from "./oidc_variables.ts";
export * from "./read.ts";
export * from "./settings.ts";
export type { Form, Variable, Variables } from "./variable.ts";
export * from "./variables.ts";
