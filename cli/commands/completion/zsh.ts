import { type CommandSpec, nameOf } from "./spec.ts";
import { quoted, valuesWord } from "./shell.ts";

/** The completion script for zsh 5. */
export function zshScript(specs: readonly CommandSpec[], names: readonly string[]): string {
  // _describe takes "word:description".
  const described = (word: string, about: string) => quoted(`${word.replaceAll(":", "\\:")}:${about}`);
  const cases = specs.map(({ path, commands, options, arguments: args }) => {
    const flags = options.flatMap(({ short, long, about }) => [
      ...(short === undefined ? [] : [described(`-${short}`, about)]),
      described(`--${long}`, about),
    ]);
    const valued = options.flatMap(({ short, long, values }) => {
      if (values === undefined) return [];
      return [...(short === undefined ? [] : [`-${short}`]), `--${long}`].flatMap((flag) => [
        quoted(flag),
        quoted(valuesWord(values)),
      ]);
    });
    return `    ${quoted(path)})
      commands=(${commands.map((command) => described(nameOf(command), command.about)).join(" ")})
      options=(${flags.join(" ")})
      valued=(${valued.join(" ")})
      arguments=(${args.map((values) => quoted(valuesWord(values))).join(" ")}) ;;`;
  });
  return `#compdef ${names.join(" ")}
# Completion for zsh. Load it with:  source <(jobctl completion zsh)
_jobctl_spec() {
  case "$1" in
${cases.join("\n")}
  esac
}

_jobctl_offer() {
  local values=$1
  local -a candidates
  if [[ $values == @* ]]; then
    candidates=("\${(@f)$(\${(Q)words[1]} complete-values \${values#@} -- "\${(Q)PREFIX}" 2>/dev/null)}")
  else candidates=("\${(@s:,:)values}"); fi
  candidates=(\${candidates:#})
  if [[ -z $values ]]; then _files
  elif (( $#candidates )); then compadd -a candidates; fi
}

_jobctl() {
  local path_of="" word
  local -a commands options arguments
  local -A valued
  local -i i=2 given=0
  _jobctl_spec ""
  while (( i < CURRENT )); do
    word=\${words[i]}
    if [[ $word == -* ]]; then
      if (( \${+valued[$word]} )); then i+=1; fi
    elif (( \${commands[(I)$word:*]} )); then
      path_of="\${path_of:+$path_of }$word"
      _jobctl_spec "$path_of"
      given=0
    else given+=1; fi
    i+=1
  done

  local before=\${words[CURRENT-1]}
  if [[ $PREFIX == --*=* ]] && (( \${+valued[\${PREFIX%%=*}]} )); then
    before=\${PREFIX%%=*}
    compset -P '*='
    _jobctl_offer "\${valued[$before]}"
  elif (( CURRENT > 2 )) && (( \${+valued[$before]} )); then _jobctl_offer "\${valued[$before]}"
  elif [[ $PREFIX == -* ]]; then _describe -o option options
  elif (( $#commands && given == 0 )); then _describe command commands
  else _jobctl_offer "\${arguments[given+1]-}"; fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _jobctl "$@"
else compdef _jobctl ${names.join(" ")}; fi
`;
}
