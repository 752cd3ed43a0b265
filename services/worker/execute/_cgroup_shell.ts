/**
 * Keeps the cgroups of a worker, whose name and process id are its arguments, in a directory below the worker's own cgroup. The
 * greeting is that cgroup's path and its directory; nothing when none can be made there. Then:
 *
 * - `make NAME…` makes cgroups;
 * - `enter NAME` moves the worker into one, unless somebody is in it, or it is frozen and the worker would be, too;
 * - `kill PATH` kills who is in one and below it, all in one step, unless the worker is there; since Linux 5.14;
 * - `list` tells who made cgroups beside these; `remove PATH` removes one and all below it, if nobody is in it;
 * - `leave` moves the worker and itself back where they came from, and removes everything.
 *
 * Of paths, the first part is a worker's name. Without `leave`, because the worker was killed, it removes what is empty when it
 * sees the end of its questions: that comes before the worker is out of its cgroup, so it waits for the worker to vanish.
 */
export const SCRIPT = `
name=$1 worker=$2
while IFS= read -r line; do
  case $line in 0::/*) own=\${line#0::} ;; esac
done </proc/self/cgroup
# Above the root of its namespace nothing can be found.
case $own/ in /*) ;; *) exit ;; esac
case $own/ in */../*) exit ;; esac
# Started again, it begins in a cgroup of the worker's.
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
