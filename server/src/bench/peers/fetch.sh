#!/usr/bin/env bash
# fetch.sh cerbos|openfga|spicedb DIRECTORY
#   Fetches or builds one peer of the benchmark, of the version pinned here, below DIRECTORY, and prints "<version> <path of its
#   executable>". What is there already is taken as it is. Fails with the reason as the last line of standard error.
#   Needs npm for Cerbos, Go for OpenFGA and SpiceDB. Nothing here becomes part of the product.
set -euo pipefail

peer=$1
directory=$(mkdir -p "$2" && cd "$2" && pwd)

need() {
  command -v "$1" > /dev/null || { echo "$1 is not installed" >&2; exit 1; }
}

# built VERSION DIRECTORY PACKAGE EXECUTABLE: a main package of Go, built in the directory of its own module.
built() {
  if [[ ! -x $4 ]]; then
    (cd "$2" && CGO_ENABLED=0 go build -mod=readonly -trimpath -o "$4.part" "$3") >&2
    mv "$4.part" "$4"
  fi
  echo "$1 $4"
}

# source_of MODULE VERSION: where Go keeps the module, checked against the public checksums.
source_of() {
  go mod download "$1@$2" >&2 && go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}

# server_of DIRECTORY: the executable of Cerbos; its package is a launcher in JavaScript, the server is in one for each platform.
server_of() {
  find "$1/node_modules/@cerbos" -type f -name 'cerbos-*' -perm -u+x 2> /dev/null | head -1
}

case $peer in
  cerbos)
    version=0.51.0
    need npm
    modules=$directory/cerbos-$version
    if [[ -z $(server_of "$modules" || true) ]]; then
      log=$directory/cerbos-npm.log
      npm install --prefix "$modules" --ignore-scripts --no-audit --no-fund --logs-max=0 --loglevel=error "cerbos@$version" \
        > "$log" 2>&1 || { cat "$log" >&2; grep -m 1 'npm err' "$log" >&2; exit 1; }
    fi
    executable=$(server_of "$modules" || true)
    [[ -n $executable ]] || { echo "the package has no executable for this platform" >&2; exit 1; }
    echo "$version $executable"
    ;;
  openfga)
    version=v1.22.1
    need go
    source=$(source_of github.com/openfga/openfga $version)
    built "$version" "$source" ./cmd/openfga "$directory/openfga-$version"
    ;;
  spicedb)
    version=v1.45.4
    need go
    source=$(source_of github.com/authzed/spicedb $version)
    built "$version" "$source" ./cmd/spicedb "$directory/spicedb-$version"
    ;;
  *)
    echo "unknown peer: $peer" >&2
    exit 1
    ;;
esac
