/**
 * The shell that makes and removes a worker's cgroups. Its arguments are the name of the worker's directory of cgroups and
 * the worker's pid. It prints the path and the directory of that cgroup, or nothing where it can make none. Then it answers:
 *
 * - `make NAME…` makes cgroups;
 * - `enter NAME` moves the worker into an empty cgroup that is not frozen;
 * - `kill PATH` kills all processes of a cgroup in one step, unless the worker is among them (Linux 5.14);
 * - `list` names the directories of other workers; `remove PATH` removes a cgroup that holds no process;
 * - `leave` moves the worker and the shell back to where they were, and removes the directory.
 *
 * A PATH begins with a worker's directory. When the worker is killed, no `leave` comes: the shell sees the end of its input,
 * waits until the worker has left its cgroup, and removes the empty ones.
 */
export const SCRIPT = `
name=$1 worker=$2
while IFS= read -r line; do
  case $line in 0::/*) own=\${line#0::} ;; esac
done </proc/self/cgroup
# A cgroup outside this namespace has no directory here.
case $own/ in /*) ;; *) exit ;; esac
case $own/ in */../*) exit ;; esac
# A shell that replaces another starts in one of the worker's cgroups.
case $own/ in */"$name"/*) own=\${own%"/$name"/*} ;; esac
own=\${own%/}
top=
while read -r _ _ _ root point rest; do
  case "$rest " in *' - cgroup2 '*) ;; *) continue ;; esac
  root=\${root%/}
  case $own/ in "$root"/*) top=$point\${own#"$root"} ; break ;; esac
done </proc/self/mountinfo
[ -n "$top" ] && cd "$top" || exit
[ -d "$name" ] || mkdir "$name" || exit
if ! echo $$ >"$name/cgroup.procs"; then
  rmdir "$name"
  exit
fi

holds_worker() {
  while IFS= read -r line; do
    case $line/ in "0::$own/$1"/*) return 0 ;; esac
  done <"/proc/$worker/cgroup"
  return 1
}
remove() {
  find "$1" -depth -type d -exec rmdir {} +
}
leave() {
  while read -r pid; do echo "$pid" >cgroup.procs; done <"$name/cgroup.procs"
  remove "$name"
}

printf '%s\\0%s\\0\\0' "$own/$name" "$PWD/$name"
while read -r what which; do
  status=1
  case $what in
    make)
      for each in $which; do set -- "$@" "$name/$each"; done
      shift 2
      mkdir "$@"
      status=$?
      set -- "$name" "$worker"
      ;;
    enter)
      { read -r _ populated; read -r _ frozen; } <"$name/$which/cgroup.events"
      [ "$populated$frozen" = 00 ] && echo "$worker" >"$name/$which/cgroup.procs" && status=0
      ;;
    kill)
      holds_worker "$which" || { [ -e "$which/cgroup.kill" ] && echo 1 >"$which/cgroup.kill" && status=0; }
      ;;
    list)
      for each in jobtrigger-*; do [ "$each" = "$name" ] || [ ! -d "$each" ] || printf '%s\\0' "$each"; done
      status=0
      ;;
    remove)
      remove "$which" && status=0
      ;;
    leave)
      echo "$worker" >cgroup.procs && leave && status=0
      ;;
  esac
  printf '=%s\\0\\0' $status
  [ "$what" != leave ] || exit
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
  kill -0 "$worker" || break
  sleep 0.1
done
leave`;
