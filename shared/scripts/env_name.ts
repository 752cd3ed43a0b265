/**
 * Which environment variables a job may declare. Refused is what makes an interpreter, the dynamic linker or the C library
 * load or run something that is not the script: with such a name whoever may edit a job could run any file of the worker's
 * machine. PATH, HOME, LANG and TZ may be declared, as in a crontab. Names are compared without regard to case, because
 * Windows does so.
 *
 * @module
 */

/** Longest name accepted. */
const MAX_LENGTH = 128;

/** Set by the worker; they say which run this is, and find its processes again. */
const OWN = new Set([
  "JOB_ID",
  "JOB_NAME",
  "DISPATCH_ID",
  "SCHEDULED_FOR",
  "ATTEMPT",
  "CORRELATION_ID",
  "JOBTRIGGER_RUN",
]);

/** Read by a program before, or in place of, the script it was given. */
const REFUSED = new Map<string, string>(
  ([
    [
      "the shell",
      "BASH_ENV ENV SHELLOPTS BASHOPTS BASH_XTRACEFD PS4 IFS CDPATH GLOBIGNORE PROMPT_COMMAND ZDOTDIR FPATH",
    ],
    ["the C library", "GCONV_PATH GLIBC_TUNABLES LOCPATH NLSPATH HOSTALIASES LOCALDOMAIN RES_OPTIONS RESOLV_HOST_CONF"],
    [
      "Node and Deno",
      "NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED",
    ],
    [
      "Python",
      "PYTHONSTARTUP PYTHONPATH PYTHONHOME PYTHONUSERBASE PYTHONINSPECT PYTHONBREAKPOINT PYTHONWARNINGS " +
      "PYTHONEXECUTABLE PYTHONPLATLIBDIR PYTHONPYCACHEPREFIX PYTHONCASEOK PYTHON_PRESITE __PYVENV_LAUNCHER__",
    ],
    ["Perl", "PERL5OPT PERL5LIB PERL5DB PERLLIB PERLIO_DEBUG"],
    ["Ruby", "RUBYOPT RUBYLIB RUBYSHELL GEM_HOME GEM_PATH BUNDLE_GEMFILE"],
    ["Java", "JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH"],
    ["PHP", "PHPRC PHP_INI_SCAN_DIR"],
    ["Lua", "LUA_INIT LUA_PATH LUA_CPATH"],
    ["R and Tcl", "R_PROFILE R_PROFILE_USER R_ENVIRON R_ENVIRON_USER R_HOME TCLLIBPATH"],
    [".NET and PowerShell", "DOTNET_STARTUP_HOOKS PSMODULEPATH"],
    ["Windows", "COMSPEC PATHEXT"],
  ] as const).flatMap(([reader, names]) => names.split(" ").map((name) => [name, reader] as const)),
);

/** The same for whole families of names. */
const REFUSED_PREFIXES: readonly (readonly [prefix: string, reader: string])[] = [
  ["LD_", "the dynamic linker"],
  ["DYLD_", "the dynamic linker"],
  ["DENO_", "Deno"],
  ["CORECLR_", ".NET and PowerShell"],
  ["BASH_FUNC", "the shell"],
];

/**
 * What is wrong with `name` as an environment variable that a job declares, in a sentence; null when it is allowed.
 *
 * ```ts
 * import { checkEnvName } from "@jobtrigger/shared/scripts";
 *
 * checkEnvName("BACKUP_TARGET"); // null
 * checkEnvName("LD_PRELOAD"); // "LD_PRELOAD cannot be declared: …"
 * ```
 */
export function checkEnvName(name: string): string | null {
  if (name === "") return "An environment variable needs a name";
  if (name.length > MAX_LENGTH) return `A variable's name has at most ${MAX_LENGTH} characters, not ${name.length}`;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return `${JSON.stringify(name)} cannot be a variable's name: letters, digits and _ only, and no digit first`;
  }
  const upper = name.toUpperCase();
  if (OWN.has(upper)) return `${name} cannot be declared: the worker sets it for each run`;
  const reader = REFUSED.get(upper) ?? REFUSED_PREFIXES.find(([prefix]) => upper.startsWith(prefix))?.[1];
  return reader === undefined
    ? null
    : `${name} cannot be declared: ${reader} would act on it before the script starts; set it in the script`;
}
