import { type CommandSpec, nameOf, type Values } from "./spec.ts";
import { quoted, valuesWord } from "./shell.ts";

/** The completion script for bash 4 and later. */
export function bashScript(specs: readonly CommandSpec[], names: readonly string[]): string {
  const cases = specs.map(({ path, commands, options, arguments: args }) => {
    const flags = options.flatMap(({ short, long }) => [...(short === undefined ? [] : [`-${short}`]), `--${long}`]);
    const valued = options.flatMap(({ short, long, values }) => {
      if (values === undefined) return [];
      return [...(short === undefined ? [] : [`-${short}`]), `--${long}`].map((flag) =>
        `${flag}=${valuesWord(values)}`
      );
    });
    const words = (list: readonly string[]) => quoted(list.join(" "));
    return `    ${quoted(path)})
      commands=${words(commands.map(nameOf))}
      options=${words(flags)}
      valued=${words(valued)}
      arguments=${words(args.map((values: Values) => `=${valuesWord(values)}`))} ;;`;
  });
  return `# Completion for bash. Load it with:  source <(jobctl completion bash)
_jobctl_spec() {
  case "$1" in
${cases.join("\n")}
  esac
}

# The values of one of the words "flag=value,value"; "flag=@kind" asks jobctl, "flag=" takes anything.
_jobctl_values() {
  local wanted=$1 word
  shift
  for word in "$@"; do
    [[ $word == "$wanted="* ]] && { printf '%s' "\${word#*=}"; return 0; }
  done
  return 1
}

_jobctl() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path="" commands options valued arguments
  local -i i=1 given=0
  # Readline makes a word of its own of "=".
  if [[ $cur == "=" ]]; then cur=""
  elif [[ $before == "=" ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  _jobctl_spec ""
  while (( i < COMP_CWORD )); do
    local word=\${COMP_WORDS[i]}
    if [[ $word == -* ]]; then
      if [[ \${COMP_WORDS[i+1]-} == "=" ]]; then i+=2
      elif _jobctl_values "$word" $valued >/dev/null; then i+=1; fi
    elif [[ " $commands " == *" $word "* ]]; then
      path="\${path:+$path }$word"
      _jobctl_spec "$path"
      given=0
    else given+=1; fi
    i+=1
  done

  local values="" candidate quoted
  COMPREPLY=()
  if [[ $before == -* ]] && values=$(_jobctl_values "$before" $valued); then :
  elif [[ $cur == -* ]]; then values=\${options// /,}
  elif [[ -n $commands && $given == 0 ]]; then values=\${commands// /,}
  else
    local -a all=($arguments)
    values=\${all[given]-}
    values=\${values#=}
  fi
  [[ -z $values ]] && return
  if [[ $values == @* ]]; then
    # What was typed may be quoted.
    local typed=\${cur//[\\'\\"\\\\]/}
    values=$("\${COMP_WORDS[0]}" complete-values "\${values#@}" -- "$typed" 2>/dev/null)
  else values=\${values//,/$'\\n'}; fi
  while IFS= read -r candidate; do
    printf -v quoted %q "$candidate"
    [[ -n $candidate && $quoted == "$cur"* ]] && COMPREPLY+=("$quoted")
  done <<< "$values"
}
complete -o default -F _jobctl ${names.join(" ")}
`;
}
