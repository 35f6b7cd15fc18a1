#!/bin/sh
# bring.sh makes the outside programs of the hotline stand in .cache/bin:
#
#   sh deploy/bring/bring.sh [part ...]     bring in some parts, or all of them
#   sh deploy/bring/bring.sh --versions     name and version of each
#
# Parts: asterisk redis postgres espeak sox flite sipp; kannel, which only `make bench-sms`
# needs and "all" leaves out; and cc: a C compiler, which only Go's race detector needs.
# Where gcc works already, cc leaves nothing in .cache/bin.
#
# A program of the system that is new enough is used as it is. Otherwise Debian's
# package is downloaded by an apt of our own (own state, no root, signatures
# checked), unpacked under .cache/root and started by that folder's own loader:
# see apt.sh and wrap.sh. Doing it again is cheap; an interrupted download goes on
# where it stopped.
#
#   HOTLINE_PRIVATE=1            never use the system's programs
#   HOTLINE_DEBIAN_MIRROR=URL    a Debian mirror, where the machine's own sources name none
#   http_proxy, apt's own proxy settings and credentials are honoured by apt itself.
set -eu
LC_ALL=C
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
cache=$repo/.cache
bin=$cache/bin
root=$cache/root
stamps=$cache/bring
private=${HOTLINE_PRIVATE:-0}
all_parts="asterisk redis postgres espeak sox flite sipp"

say() { printf '%s\n' "bring: $*" >&2; }
die() {
    say "$@"
    exit 1
}

# programs PART: the names it leaves in .cache/bin.
programs() {
    case $1 in
    asterisk) echo asterisk ;;
    redis) echo redis-server redis-cli ;;
    postgres) echo postgres initdb pg_ctl psql ;;
    espeak) echo espeak-ng ;;
    sox) echo sox ;;
    flite) echo flite ;;
    sipp) echo sipp ;;
    kannel) echo bearerbox smsbox ;;
    cc) ;;
    *) die "unknown part '$1'; the parts are: $all_parts kannel cc" ;;
    esac
}

# least PART: the oldest version that will do. Asterisk below 22.10.1 was reported
# to deadlock under pure ARI load; espeak-ng 1.51 reads Mandarin wrongly; flite
# does not tell its version in a form worth comparing.
least() {
    case $1 in
    asterisk) echo 22.10.1 ;;
    redis) echo 7.0 ;;
    postgres) echo 14 ;;
    espeak) echo 1.52 ;;
    kannel) echo 1.4.5 ;;
    *) echo 0 ;;
    esac
}

# version_of PROGRAM PATH: what the program itself says, reduced to digits and dots.
version_of() {
    case $1 in
    asterisk) "$2" -V ;;
    flite) "$2" --version 2>&1 || true ;;
    sipp) "$2" -v || true ;;
    *) "$2" --version ;;
    esac 2>/dev/null </dev/null | tr ' =' '\n\n' | sed -n 's/^[^0-9]*\([0-9][0-9]*\(\.[0-9][0-9]*\)\{1,\}\).*/\1/p' | head -n 1
}

. "$here/apt.sh"
. "$here/wrap.sh"
. "$here/cc.sh"

# done_already PART: the stamp is from this script, this place and this choice, and
# what it leads to is still there. Only shell built-ins: this runs at every make.
done_already() {
    [ -r "$stamps/$1" ] || return 1
    { IFS= read -r stamp && IFS= read -r target; } <"$stamps/$1" || return 1
    [ "$stamp" = "$edition $private $repo" ] && [ -e "$target" ] || return 1
    for p in $(programs "$1"); do [ -x "$bin/$p" ] || return 1; done
}
edition=4

# note_done PART TARGET: TARGET is what its wrappers start.
note_done() { printf '%s\n%s\n' "$edition $private $repo" "$2" >"$stamps/$1"; }

# wrap_system PART: 0 when the system's own programs are there and new enough.
wrap_system() {
    [ "$private" != 1 ] || return 1
    for p in $(programs "$1"); do system_program "$p" >/dev/null || return 1; done
    for p in $(programs "$1"); do
        have=$(version_of "$p" "$(system_program "$p")")
        dpkg --compare-versions "${have:-0}" ge "$(least "$1")" || return 1
    done
    for p in $(programs "$1"); do wrap_one "$1" "$p" "$(system_program "$p")"; done
    note_done "$1" "$(system_program "$p")"
    say "$1: the system's own $have"
}

bring() {
    want=
    for part in "$@"; do
        programs "$part" >/dev/null
        done_already "$part" || want="$want $part"
    done
    [ -n "$want" ] || return 0
    mkdir -p "$bin" "$stamps" 2>/dev/null || die "cannot write $cache: make it writable, or clone elsewhere"
    exec 9>"$stamps/lock"
    flock 9 # a second make in this checkout waits here and then finds the work done
    missing=
    for part in $want; do
        if done_already "$part"; then
            :
        elif [ "$part" = cc ]; then
            bring_cc
        elif ! wrap_system "$part"; then
            missing="$missing $part"
        fi
    done
    # shellcheck disable=SC2086 # parts are words
    [ -z "$missing" ] || bring_private $missing
    flock -u 9
}

# bring_private PART...: one download for all of them, then a wrapper for each program.
bring_private() {
    enough_disk
    # shellcheck disable=SC2046 # package names are words
    fetch_packages $(for part in "$@"; do packages "$part"; done)
    for part in "$@"; do
        for p in $(programs "$part"); do wrap_private "$part" "$p"; done
        first=$(programs "$part" | cut -d' ' -f1)
        have=$(version_of "$first" "$bin/$first")
        [ -n "$have" ] || [ "$part" = flite ] || die "$part: $bin/$first does not run; remove $root and $stamps and try again"
        dpkg --compare-versions "${have:-0}" ge "$(least "$part")" ||
            die "$part: Debian offers $have here, $(least "$part") or newer is needed; set HOTLINE_DEBIAN_MIRROR to a current mirror"
        say "$part: private copy ${have:-}"
        note_done "$part" "$root/usr"
    done
}

enough_disk() {
    free=$(df -Pk "$cache" | awk 'NR==2 {print int($4/1024)}')
    [ "$free" -ge 900 ] || die "$cache has $free MB free; 900 MB are needed while unpacking"
}

versions() {
    for part in $all_parts; do
        p=$(programs "$part" | cut -d' ' -f1)
        if [ -x "$bin/$p" ]; then v=$(version_of "$p" "$bin/$p"); else v=; fi
        printf '%-14s %s\n' "$p" "${v:-not brought in}"
    done
}

case ${1:-} in
--versions) versions ;;
--help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" ;;
*) bring ${@:-$all_parts} ;;
esac
