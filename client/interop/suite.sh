# Sourced by the parts that run the tests of a client.

suite() { # command...: prints `ok` when it ends with 0 and a line `N passed, 0 failed`
  local name=${1#"$INTEROP_ROOT/"} log last result=0
  log=$(basename "$(dirname "$1")").log
  "$@" >"$log" 2>&1 || result=$?
  last=$(grep -E '[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
  if [[ $result -eq 0 && $last =~ [1-9][0-9]*\ passed,\ 0\ failed$ ]]; then
    echo "ok $name: ${BASH_REMATCH[0]}"
  else
    echo "FAILED $name: exit $result, ${last:-without totals}"
  fi
}
