#!/usr/bin/env bash
# A sample job: one line of progress a second, in colour.
#
#   test_job.sh [SECONDS] [EXIT_CODE]    how long it takes (default 5), how it ends (default 0)
set -euo pipefail

seconds=${1-5}
exit_code=${2-0}

if ! [[ $seconds =~ ^[0-9]{1,5}$ ]]; then
  echo "test_job.sh: SECONDS is \"$seconds\", expected a whole number from 0 to 99999" >&2
  exit 2
fi
if ! [[ $exit_code =~ ^[0-9]{1,3}$ ]] || ((10#$exit_code > 255)); then
  echo "test_job.sh: EXIT_CODE is \"$exit_code\", expected a whole number from 0 to 255" >&2
  exit 2
fi

green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' plain=$'\e[0m'

echo "${dim}Job ${JOB_NAME:-by hand}, attempt ${ATTEMPT:-1}, due ${SCHEDULED_FOR:-now}${plain}"
for ((second = 1; second <= 10#$seconds; second++)); do
  sleep 1
  echo "${green}Step $second of $seconds${plain} $((100 * second / 10#$seconds)) %"
done
if ((10#$exit_code == 0)); then
  echo "${green}Done${plain}"
else
  echo "${red}Ending with code $exit_code, as asked${plain}" >&2
fi
exit "$exit_code"
