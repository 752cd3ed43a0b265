import { type CommandSpec, nameOf, type OptionSpec, type Values } from "./spec.ts";

/** The completion script for fish 3. */
export function fishScript(specs: readonly CommandSpec[], names: readonly string[]): string {
  const valued = new Set(
    specs.flatMap(({ options }) =>
      options.filter(({ values }) => values !== undefined).flatMap(({ short, long }) => [
        ...(short === undefined ? [] : [`-${short}`]),
        `--${long}`,
      ])
    ),
  );
  const lines = specs.flatMap((spec) => [
    ...spec.commands.map((command) => at(spec, `-a ${quoted(nameOf(command))} -d ${quoted(command.about)}`)),
    ...spec.options.map((option) => at(spec, optionText(option))),
    ...spec.arguments.flatMap((values, index) => values === null ? [] : [at(spec, `-a ${offered(values)}`, index)]),
  ]);
  return `# Completion for fish. Load it with:  jobctl completion fish | source
set -g __jobctl_paths ${specs.map(({ path }) => quoted(path)).join(" ")}
set -g __jobctl_valued ${[...valued].join(" ")}

# Whether the words before the cursor name the command $argv[1], and $argv[2] of its arguments, if that is given.
function __jobctl_at
    set -l words (commandline -opc)
    set -l path ""
    set -l given 0
    set -l skips 0
    for word in $words[2..-1]
        if test $skips = 1
            set skips 0
        else if string match -q -- '-*' $word
            contains -- $word $__jobctl_valued; and set skips 1
        else if contains -- (string trim -- "$path $word") $__jobctl_paths
            set path (string trim -- "$path $word")
            set given 0
        else
            set given (math $given + 1)
        end
    end
    test "$path" = "$argv[1]"; and begin; test (count $argv) -lt 2; or test $given = $argv[2]; end
end

function __jobctl_ask
    set -l words (commandline -opc)
    type -q $words[1]; and $words[1] complete-values $argv[1] -- (commandline -ct) 2>/dev/null
end

${names.flatMap((name) => [`complete -c ${name} -f`, ...lines.map((line) => `complete -c ${name} ${line}`)]).join("\n")}
`;
}

function at({ path }: CommandSpec, rest: string, index?: number): string {
  const condition = `__jobctl_at ${quoted(path)}${index === undefined ? "" : ` ${index}`}`;
  return `-n ${quoted(condition)} ${rest}`;
}

function optionText({ short, long, about, values }: OptionSpec): string {
  const flags = [...(short === undefined ? [] : [`-s ${short}`]), `-l ${long}`].join(" ");
  // Files are offered where anything may stand.
  const takes = values === undefined ? "" : values === null ? " -r -F" : ` -x -a ${offered(values)}`;
  return `${flags}${takes} -d ${quoted(about)}`;
}

function offered(values: Exclude<Values, null>): string {
  return typeof values === "string" ? quoted(`(__jobctl_ask ${values})`) : quoted(values.join(" "));
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
