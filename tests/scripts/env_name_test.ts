import assert from "node:assert/strict";
import { checkEnvName } from "@jobtrigger/shared/scripts";

const accepted: readonly string[] = [
  ..."BACKUP_TARGET _x LANG LC_ALL TZ X1 TERM TMPDIR DISPLAY PGHOST PGPASSWORD AWS_REGION AWS_PROFILE".split(" "),
  ..."HTTP_PROXY https_proxy NO_PROXY SSL_CERT_FILE NODE_ENV RAILS_ENV PYTHONUNBUFFERED PYTHONIOENCODING".split(" "),
  ..."GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL GIT_TERMINAL_PROMPT MYPATH PATH_TO_DATA HOMEPAGE USERS SHELL_NAME".split(" "),
  ..."ENVIRONMENT BASE GITHUB_TOKEN RUBY_VERSION GOAL LESSON LDAP_URL MIX_ENV RSYNC_PASSWORD NPM_TOKEN".split(" "),
  "A".repeat(128),
];
for (const name of accepted) {
  Deno.test(`checkEnvName() accepts ${name.slice(0, 20)}`, () => assert.equal(checkEnvName(name), null));
}

const malformed: readonly (readonly [name: string, because: RegExp])[] = [
  ["", /needs a name/],
  ["1X", /no digit first/],
  ["A-B", /letters, digits and _ only/],
  ["A=B", /letters, digits and _ only/],
  ["A\0", /letters, digits and _ only/],
  ["A B", /letters, digits and _ only/],
  ["PATH\n", /letters, digits and _ only/],
  [" PATH", /letters, digits and _ only/],
  ["BASH_FUNC_ls%%", /letters, digits and _ only/],
  ["Ä", /letters, digits and _ only/],
  ["BAſH_ENV", /letters, digits and _ only/],
  ["ＰＡＴＨ", /letters, digits and _ only/],
  ["A".repeat(129), /at most 128 characters, not 129/],
];
for (const [name, because] of malformed) {
  Deno.test(`checkEnvName() refuses ${JSON.stringify(name.slice(0, 30))}`, () => {
    assert.match(checkEnvName(name) ?? "accepted", because);
  });
}

/** Names by the kind of harm; the message names the program that would act on them. */
const refused: readonly (readonly [names: string, because: RegExp])[] = [
  ["PATH path Path HOME home USER LOGNAME SHELL JOB_ID Correlation_Id ATTEMPT", /: the worker sets it for each run$/],
  ["JOBTRIGGER_RUN jobtrigger_x", /: the worker would act on it/],
  ["LD_PRELOAD ld_library_path LD_AUDIT DYLD_INSERT_LIBRARIES", /: the dynamic linker would act on it/],
  ["GCONV_PATH GLIBC_TUNABLES MALLOC_TRACE LOCPATH LANGUAGE TZDIR HOSTALIASES", /: the C library would act on it/],
  [
    "BASH_ENV ENV Env BASHOPTS SHELLOPTS BASH_FUNC_ls BASH_LOADABLES_PATH PS4 IFS CDPATH POSIXLY_CORRECT ZDOTDIR",
    /: the shell would act on it/,
  ],
  ["PYTHONSTARTUP PYTHONPATH PYTHONHOME PYTHONWARNINGS pythonpath PIP_INDEX_URL", /: Python would act on it/],
  ["PERL5OPT PERL5LIB PERLLIB PERL_MM_OPT", /: Perl would act on it/],
  ["RUBYOPT RUBYLIB GEM_PATH BUNDLE_GEMFILE", /: Ruby would act on it/],
  ["NODE_OPTIONS NODE_PATH DENO_DIR npm_config_script_shell BUN_INSTALL", /: Node and Deno would act on it/],
  ["JAVA_TOOL_OPTIONS JAVA_HOME CLASSPATH MAVEN_OPTS", /: Java would act on it/],
  ["PHPRC COMPOSER_HOME", /: PHP would act on it/],
  ["LUA_INIT LUA_INIT_5_4 LUA_CPATH", /: Lua would act on it/],
  ["R_PROFILE_USER TCLLIBPATH ERL_FLAGS JULIA_LOAD_PATH GOFLAGS RUSTC_WRAPPER AWKLIBPATH", / would act on it/],
  ["DOTNET_STARTUP_HOOKS PSModulePath ComSpec PATHEXT SystemRoot", / would act on it/],
  ["XDG_CONFIG_HOME XDG_DATA_DIRS GNUPGHOME CURL_HOME", /: a program that looks for its configuration would act on it/],
  ["OPENSSL_CONF OPENSSL_MODULES SSLKEYLOGFILE", /: OpenSSL would act on it/],
  ["GIT_SSH_COMMAND GIT_SSH GIT_EXEC_PATH GIT_CONFIG_COUNT GIT_ALLOW_PROTOCOL git_dir", /: Git would act on it/],
  ["EDITOR PAGER LESSOPEN SYSTEMD_PAGER SUDO_ASKPASS RSYNC_RSH MAKEFLAGS TAR_OPTIONS KUBECONFIG", /runs the command/],
  ["PSQLRC LIBMYSQL_PLUGIN_DIR ODBCINI KRB5_CONFIG QT_PLUGIN_PATH TERMINFO", /loads the plug-in/],
  ["ASAN_OPTIONS LLVM_PROFILE_FILE", /which writes where it says, would act on it/],
];
for (const [names, because] of refused) {
  for (const name of names.split(" ")) {
    Deno.test(`checkEnvName() refuses ${name}`, () => assert.match(checkEnvName(name) ?? "accepted", because));
  }
}
