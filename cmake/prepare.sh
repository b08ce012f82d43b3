# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What examples/run, test/run and test/bench/run share: packages, the configure step, the build. Sourced, not run.
# The caller sets `install` to yes or no and stands in the project's folder.

# ns3 holds three small programs that the CMake files of libns3-dev insist on.
build_packages=(cmake ninja-build g++ libns3-dev ns3 libgsl-dev libsqlite3-dev libxml2-dev
    libsodium-dev libboost-dev nlohmann-json3-dev)

# Whether a package's work can be done already, by itself or by something built by hand.
have_package() {
    case $1 in
        cmake) command -v cmake >/dev/null ;;
        ninja-build) command -v ninja >/dev/null ;;
        g++) command -v "${CXX:-c++}" >/dev/null ;;
        gnuplot-nox) command -v gnuplot >/dev/null ;;
        clang) command -v clang++ >/dev/null ;;
        libbenchmark-dev) [ -n "${benchmark_DIR:-}" ] ;;
        libns3-dev | ns3 | libgsl-dev | libsqlite3-dev | libxml2-dev) [ -n "${ns3_DIR:-}" ] ;;
        *) false ;;
    esac
}

# Whether a package is installed, or its work can be done without.
has_package() {
    have_package "$1" ||
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need_packages PACKAGE...: silent when all are there; otherwise installs them (install=yes), or
# prints the one line that would and stops.
need_packages() {
    local package missing=() as_root=()
    command -v dpkg-query >/dev/null || return 0 # no Debian: the configure step names what it misses
    for package in "$@"; do
        has_package "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$install" = no ]; then
        echo "missing packages; install them with this line, or run again with --install:" >&2
        echo "apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || {
            echo "--install needs root or sudo; as root run:" >&2
            echo "apt-get install --no-install-recommends ${missing[*]}" >&2
            exit 1
        }
        as_root=(sudo)
    fi
    echo "installing: ${missing[*]}" >&2
    local get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
    if ! apt-cache show "${missing[@]}" >/dev/null 2>&1; then
        "${get[@]}" update >&2
    fi
    # A stale list names files that are gone: renew it once.
    "${get[@]}" install --no-install-recommends "${missing[@]}" >&2 ||
        { "${get[@]}" update >&2 &&
            "${get[@]}" install --no-install-recommends "${missing[@]}" >&2; } ||
        { echo "apt-get could not install: ${missing[*]}" >&2; exit 1; }
}

# configure PRESET [NAME=VALUE...]: runs CMake only where it never ran or a value differs.
configure() {
    local folder=build/$1 setting same=yes args=()
    shift
    for setting in "$@"; do
        args+=("-D$setting")
        grep -qs "^${setting%%=*}:[A-Z]*=${setting#*=}\$" "$folder/CMakeCache.txt" || same=no
    done
    if [ "$same" = yes ] && [ -f "$folder/build.ninja" ]; then
        return 0
    fi
    mkdir -p "$folder"
    cmake --preset "${folder##*/}" "${args[@]}" >"$folder/configure.log" 2>&1 || {
        cat "$folder/configure.log" >&2
        exit 1
    }
}

# build PRESET [TARGET...]: silent when nothing changed.
build() {
    local folder=build/$1
    shift
    if ninja -C "$folder" -n "$@" 2>/dev/null | grep -q 'no work to do'; then
        return 0
    fi
    ninja -C "$folder" -j "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}" "$@" >&2 || exit 1
}
