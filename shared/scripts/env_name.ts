/**
 * Which environment variables a job may declare. Two kinds are refused: those that the worker sets itself, and those that make a
 * program load or run something else than the script, because an interpreter, the dynamic linker, the C library or a common tool
 * takes commands, plug-ins or configuration from them. With such a variable, everybody who may edit a job could run any file on the
 * worker's machine, and read and write files as the worker's user.
 *
 * No list holds every variable of every program; what a script does with the others is up to the script. Case does not matter in
 * the comparison, because it does not on Windows.
 *
 * @module
 */

/** Longest name accepted. */
const MAX_LENGTH = 128;

/** The worker sets these for each run: who runs, where programs are found, which run it is. */
const OWN = new Set(words(`
  PATH HOME USER LOGNAME SHELL
  JOB_ID JOB_NAME DISPATCH_ID SCHEDULED_FOR ATTEMPT CORRELATION_ID`));

/** Refused names, grouped by the program that reads them. `*` stands for any text; a name after `!` is allowed all the same. */
const REFUSED: readonly (readonly [reader: string, pattern: RegExp, allowed: RegExp])[] = ([
  ["the worker", "JOBTRIGGER_*"],
  ["the dynamic linker", "LD_* DYLD_* LIBPATH SHLIB_PATH CAML_LD_LIBRARY_PATH"],
  [
    "the C library",
    `GCONV_PATH GLIBC_* GLIBCXX_* MALLOC_* LOCPATH NLSPATH I18NPATH LANGUAGE TZDIR HOSTALIASES LOCALDOMAIN
    RES_OPTIONS RESOLV_* GETCONF_DIR`,
  ],
  [
    "the shell",
    `BASH* ENV SHELLOPTS POSIXLY_CORRECT PS0 PS1 PS2 PS3 PS4 IFS CDPATH GLOBIGNORE EXECIGNORE FIGNORE
    PROMPT_COMMAND HISTFILE INPUTRC MAILPATH TEXTDOMAIN TEXTDOMAINDIR TMOUT ZDOTDIR FPATH MODULE_PATH NULLCMD
    READNULLCMD KSH_ENV`,
  ],
  [
    "Python",
    `PYTHON* __PYVENV_LAUNCHER__ VIRTUALENV_* PIP_* UV_* PIPENV_* POETRY_* CONDA_* !PYTHONUNBUFFERED
    !PYTHONIOENCODING !PYTHONUTF8 !PYTHONDONTWRITEBYTECODE !PYTHONHASHSEED !PYTHONFAULTHANDLER !PYTHONDEVMODE
    !PYTHONOPTIMIZE !PYTHONTRACEMALLOC !PYTHONASYNCIODEBUG !PYTHONMALLOC !PYTHONNOUSERSITE !PYTHONSAFEPATH`,
  ],
  ["Perl", "PERL5* PERLLIB PERLIO* PERL_*"],
  ["Ruby", "RUBYOPT RUBYLIB RUBYPATH RUBYSHELL RUBYLIB_PREFIX RUBY_DLN_LIBRARY_PATH GEM_* BUNDLE_* BUNDLER_* IRBRC"],
  [
    "Node and Deno",
    `NODE_* DENO_* BUN_* NPM_CONFIG_* YARN_* PNPM_* COREPACK_* TS_NODE_* ELECTRON_* V8_OPTIONS !NODE_ENV
    !NODE_NO_WARNINGS !NODE_DEBUG !NODE_APP_INSTANCE`,
  ],
  [
    "Java",
    `JAVA_HOME JAVA_OPTS JAVA_TOOL_OPTIONS JDK_* JRE_HOME _JAVA_OPTIONS IBM_JAVA_OPTIONS OPENJ9_JAVA_OPTIONS
    CLASSPATH MAVEN_* M2_HOME GRADLE_* ANT_* SBT_OPTS CATALINA_* GROOVY_HOME KOTLIN_HOME SCALA_HOME JYTHON*`,
  ],
  ["PHP", "PHPRC PHP_INI_SCAN_DIR COMPOSER* PEAR_*"],
  ["Lua", "LUA_INIT* LUA_PATH* LUA_CPATH*"],
  ["R and Tcl", "R_PROFILE* R_ENVIRON* R_HOME R_LIBS* TCLLIBPATH TCL_LIBRARY TK_LIBRARY TCLSH*"],
  ["Erlang", "ERL_* ELIXIR_ERL_OPTIONS MIX_HOME MIX_ARCHIVES MIX_EXS MIX_PATH HEX_HOME"],
  ["Julia, Guile, OCaml and Haskell", "JULIA_* GUILE_* OCAML* GHC_* GHCRTS"],
  [
    "Go and Rust",
    "GOFLAGS GOENV GOROOT GOPATH GOTOOLCHAIN GOTOOLDIR GOPROXY RUSTC* RUSTDOC* RUSTFLAGS RUSTUP_* CARGO_*",
  ],
  ["awk, m4, vi and Emacs", "AWKPATH AWKLIBPATH M4PATH EXINIT NEXINIT VIMINIT GVIMINIT VIM VIMRUNTIME EMACS*"],
  [
    ".NET and PowerShell",
    "DOTNET_* !DOTNET_ENVIRONMENT CORECLR_* COR_PROFILER* COR_ENABLE_* COMPLUS_* PSMODULEPATH MONO_*",
  ],
  ["Windows", "COMSPEC PATHEXT SYSTEMROOT WINDIR SYSTEMDRIVE USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA"],
  ["a program that looks for its configuration", "XDG_* CURL_HOME WGETRC SYSTEM_WGETRC GNUPGHOME SCREENRC TMUX*"],
  ["OpenSSL", "OPENSSL_* SSLKEYLOGFILE P11_KIT_*"],
  ["Git", "GIT_* !GIT_AUTHOR_* !GIT_COMMITTER_* !GIT_TERMINAL_PROMPT"],
  [
    "a program that runs the command it names",
    `EDITOR VISUAL PAGER BROWSER FCEDIT SUDO_EDITOR LESS LESSOPEN LESSCLOSE LESSKEY* LESSEDIT LESSHISTFILE
    *_EDITOR *_PAGER *_ASKPASS *_RSH SSH_ASKPASS* RSYNC_CONNECT_PROG TAR_OPTIONS MANOPT GREP_OPTIONS MAKEFLAGS
    GNUMAKEFLAGS MFLAGS MAKEFILES DBUS_* ANSIBLE_CONFIG ANSIBLE_LIBRARY ANSIBLE_ROLES* ANSIBLE_COLLECTIONS*
    ANSIBLE_*PLUGINS ANSIBLE_*_PATH ANSIBLE_*EXECUTABLE DOCKER_CONFIG KUBECONFIG AWS_CONFIG_FILE
    AWS_SHARED_CREDENTIALS_FILE CLOUDSDK_PYTHON* TF_CLI_* HELM_PLUGINS MAILRC TEXMF* GS_OPTIONS`,
  ],
  [
    "a program that loads the plug-in or library it names",
    `PGSYSCONFDIR PSQLRC LIBMYSQL_* MYSQL_HOME ORACLE_HOME TNS_ADMIN ODBCINI ODBCSYSINI ODBCINSTINI KRB5_CONFIG
    GSS_MECH* SASL_* LDAPCONF LDAPRC GIO_* GTK_* GDK_PIXBUF_* GST_* GI_TYPELIB_PATH QT_* QML* KDEDIRS KDEHOME
    LIBGL_* VK_ICD_FILENAMES VK_DRIVER_FILES VK_*_PATH OCL_ICD_* GS_LIB MAGICK_* GDAL_DRIVER_PATH PROJ_LIB
    OMPI_* PMIX_* TERMINFO* TERMCAP TERMPATH`,
  ],
  ["the program's runtime, which writes where it says,", "*SAN_OPTIONS GCOV_* LLVM_PROFILE_FILE CORE_PATTERN"],
] as const).map(([reader, names]) => {
  const listed = words(names);
  return [
    reader,
    patternOf(listed.filter((name) => !name.startsWith("!"))),
    patternOf(listed.filter((name) => name.startsWith("!")).map((name) => name.slice(1))),
  ];
});

/**
 * The reason why a job may not declare the environment variable `name`, in a sentence; null when it may.
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
  const reader = REFUSED.find(([, pattern, allowed]) => pattern.test(upper) && !allowed.test(upper))?.[0];
  return reader === undefined
    ? null
    : `${name} cannot be declared: ${reader} would act on it, so it could run something other than the script; ` +
      "set it in the script";
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Matches any of the names, in which `*` stands for any text; without names, it matches nothing. */
function patternOf(names: readonly string[]): RegExp {
  return new RegExp(`^(?:${names.map((name) => name.replaceAll("*", ".*")).join("|")})$`);
}
