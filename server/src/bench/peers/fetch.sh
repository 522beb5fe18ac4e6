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

# source MODULE VERSION: where Go keeps the module, checked against the public checksums.
source_of() {
  go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}

case $peer in
  cerbos)
    version=0.51.0
    need npm
    modules=$directory/cerbos-$version
    if [[ ! -d $modules/node_modules/cerbos ]]; then
      npm install --prefix "$modules" --ignore-scripts --no-audit --no-fund --loglevel=error "cerbos@$version" >&2
    fi
    # The package is a launcher in JavaScript; the server is in another one for each platform.
    executable=$(find "$modules/node_modules/@cerbos" -type f -name 'cerbos-*' -perm -u+x | head -1)
    [[ -n $executable ]] || { echo "the package has no executable for this platform" >&2; exit 1; }
    echo "$version $executable"
    ;;
  openfga)
    version=v1.22.1
    need go
    built "$version" "$(source_of github.com/openfga/openfga $version)" ./cmd/openfga "$directory/openfga-$version"
    ;;
  spicedb)
    version=v1.45.4
    need go
    built "$version" "$(source_of github.com/authzed/spicedb $version)" ./cmd/spicedb "$directory/spicedb-$version"
    ;;
  *)
    echo "unknown peer: $peer" >&2
    exit 1
    ;;
esac
