/**
 * Jobs as people handle them: from what was typed to a stored job, the same in the portal and in jobctl.
 *
 * @module
 */
export * from "./backfill.ts";
export * from "./input.ts";
export * from "./minute.ts";
export * from "./operations.ts";
export * from "./why.ts";
export {
  MAX_PLACES,
  MAX_PRIORITY,
  parseTags,
  type PolicyFields,
  policyFields,
  type PolicyInput,
} from "./policy_input.ts";
export * from "./policy_words.ts";
