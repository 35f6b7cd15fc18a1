# apt.sh: an apt of our own, sourced by bring.sh.
#
# It has its own lists, archives and status file under .cache/apt, so it needs no
# root and changes nothing of the system. It keeps the machine's apt.conf and
# apt.conf.d, and with them proxies, credentials and time-outs. Nothing unsigned is
# accepted: the keyring is the one the machine's package manager already trusts.

apt=$cache/apt

# private_apt FLAVOUR: writes the configuration and points apt at it. FLAVOUR is
# "debian" (the copy we run, remembered in the root's own status file) or "own"
# (the machine's own suite, from the machine's own sources).
private_apt() {
    dir=$apt/$1
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/conf.d"
    [ -e "$dir/status" ] || : >"$dir/status"
    # apt reads APT_CONFIG first and conf.d over it, so what must hold is the last of conf.d.
    find /etc/apt/apt.conf.d -maxdepth 1 -xtype f -exec ln -sf {} "$dir/conf.d/" \; 2>/dev/null || true
    echo "Dir::Etc::parts \"$dir/conf.d\";" >"$dir/apt.conf"
    {
        echo "Dir::State \"$dir\";"
        echo "Dir::State::lists \"$dir/lists\";"
        echo "Dir::State::status \"$dir/status\";"
        echo "Dir::Cache \"$dir/cache\";"
        echo 'Dir::Cache::pkgcache "pkgcache.bin";' # containers switch it off, and every call reads all lists
        echo "Dir::Log \"$dir\";"
        echo "Dir::Etc::preferences \"/dev/null\";"
        echo "Dir::Etc::preferencesparts \"/dev/null\";"
        echo "APT::Architectures { \"$(dpkg --print-architecture)\"; };"
        echo 'APT::Install-Recommends "false";'
        echo 'Acquire::Languages "none";'
        echo 'Acquire::Retries "5";'
        echo 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";'
        echo 'Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";'
        # Hooks of the system would clean the system's caches, not ours.
        echo '#clear APT::Update::Pre-Invoke; #clear APT::Update::Post-Invoke;'
        echo '#clear APT::Update::Post-Invoke-Success; #clear DPkg::Post-Invoke;'
        # apt's download user could not enter a checkout below /root.
        [ "$(id -u)" != 0 ] || echo 'APT::Sandbox::User "root";'
        if [ "$1" = debian ]; then
            echo "Dir::Etc::sourcelist \"$dir/sources.list\";"
            echo 'Dir::Etc::sourceparts "/dev/null";'
        fi
    } >"$dir/conf.d/zz-hotline"
    APT_CONFIG=$dir/apt.conf
    export APT_CONFIG
}

# mirrors: every place the machine's own sources name, the distribution's first.
# apt itself reads the files, so both of its formats and its own options hold.
mirrors() {
    if [ -n "${HOTLINE_DEBIAN_MIRROR:-}" ]; then
        echo "$HOTLINE_DEBIAN_MIRROR"
        return
    fi
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
    # shellcheck disable=SC2016 # apt's own variables
    env -u APT_CONFIG apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -v c="$codename" '$1 !~ /security/ {print ($1 == c ? 0 : 1), $2}' | sort -u -k1,1n -k2 | awk '!seen[$2]++ {print $2}'
}

# debian_keyring: the archive keys this machine has, else those that its own
# (verified) package manager can hand out, as on Ubuntu.
debian_keyring() {
    for k in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp \
        "$apt"/keys/usr/share/keyrings/debian-archive-keyring.gpg; do
        if [ -r "$k" ]; then
            echo "$k"
            return
        fi
    done
    own_package debian-archive-keyring "$apt/keys" >&2
    echo "$apt/keys/usr/share/keyrings/debian-archive-keyring.gpg"
}

# own_package NAME DIR: unpacks one package of the machine's own suite into DIR.
own_package() {
    (
        private_apt own
        apt_do "reading the machine's own package lists" update
        mkdir -p "$2" && cd "$apt/own" && rm -f "$1"_*.deb
        apt_do "getting $1 from the machine's own sources" download "$1"
        dpkg -x "$1"_*.deb "$2" && rm -f "$1"_*.deb
    )
}

# default_mirror: what Debian's own installer tool takes when nobody says; asked
# for where the machine's sources name no Debian mirror, as on Ubuntu.
default_mirror() {
    [ -d "$apt/debootstrap" ] || own_package debootstrap "$apt/debootstrap" >&2
    sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' "$apt/debootstrap/usr/sbin/debootstrap" | head -n 1
}

# find_debian: writes sources.list for the first mirror and suite that are signed
# by Debian and carry an Asterisk that is new enough. Forky is the suite this was
# proved with; the others are for the day it has moved on.
find_debian() {
    keyring=$(debian_keyring)
    for mirror in $(mirrors) default; do
        [ "$mirror" != default ] || [ -z "${HOTLINE_DEBIAN_MIRROR:-}" ] || continue
        [ "$mirror" != default ] || mirror=$(default_mirror)
        for suite in forky testing sid; do
            echo "deb [signed-by=$keyring] $mirror $suite main" >"$dir/sources.list"
            say "reading $suite from $mirror"
            if ! try_mirror; then continue; fi
            apt-get -q autoclean >/dev/null # an older half of an interrupted download
            return
        done
    done
    sed 's/^/    /' "$dir/log" >&2
    rm -f "$dir/sources.list"
    die "no reachable Debian mirror carries Asterisk $(least asterisk). Check the network and http_proxy, or name one:
    HOTLINE_DEBIAN_MIRROR=http://your.mirror/debian sh deploy/bring/bring.sh
  then run the same command again; what was downloaded is kept."
}

# try_mirror: 0 when sources.list leads to an Asterisk that is new enough. A mirror
# that fell behind its own expiry date is taken with a warning: its signature holds,
# and a development copy that listens on the loopback may be some weeks old.
try_mirror() {
    if ! update_lists; then
        grep -q 'is expired' "$dir/log" || return 1
        update_lists -o Acquire::Check-Valid-Until=false || return 1
        say "this mirror is behind its expiry date; its signature is good, so it is taken"
        echo 'Acquire::Check-Valid-Until "false";' >>"$dir/conf.d/zz-hotline"
    fi
    offered=$(apt-cache policy asterisk | sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}//p')
    dpkg --compare-versions "${offered:-0}" ge "$(least asterisk)"
}

update_lists() {
    apt-get -q update -o APT::Update::Error-Mode=any "$@" >"$dir/log" 2>&1
}

# apt_do WHAT ARGS...: runs apt-get, shows its progress on a terminal, and says
# what to do when it fails.
apt_do() {
    what=$1
    shift
    if [ -t 2 ]; then
        apt-get -q=0 "$@" >&2 && return 0
    else
        apt-get -q "$@" >"$dir/log" 2>&1 && return 0
        tail -n 15 "$dir/log" | sed 's/^/    /' >&2
    fi
    die "$what failed, see above. Check the network, http_proxy and the clock, then run the same
  command again: it goes on where it stopped. Nothing was installed into the system."
}

# packages PART: Debian's names for it.
packages() {
    case $1 in
    redis) echo redis-server ;;
    espeak) echo espeak-ng ;;
    sox) echo sox libsox-fmt-base ;;
    postgres) echo postgresql ;;
    sipp) echo sip-tester ;;
    *) echo "$1" ;;
    esac
}

# fetch_packages NAME...: downloads them with all they need and unpacks them into
# the root. The status file remembers what the root holds, so that a part brought
# in later fetches only the difference, and all of it fits together.
fetch_packages() {
    private_apt debian
    [ -d "$root" ] || : >"$dir/status"
    [ ! -e "$dir/unpacking" ] || unpack_archives "$root"
    # The lists on disk are good enough when nothing has to be downloaded.
    [ "$(to_download "$@")" = nothing ] || find_debian
    size=$(to_download "$@")
    [ "$size" = nothing ] || say "downloading $*: $size"
    # shellcheck disable=SC2046 # package names are words
    apt_do "downloading" -y --download-only install $(exact_names "$@")
    unpack_archives "$root"
}

# exact_names NAME...: PostgreSQL's metapackage would bring Perl tools we do not
# need; the package it stands for carries the server.
exact_names() {
    for n in "$@"; do
        case $n in
        postgresql) (apt-cache depends $n 2>/dev/null || echo "Depends: $n") | sed -n 's/.*Depends: \(postgresql[-0-9]*\)$/\1/p' ;;
        *) echo "$n" ;;
        esac
    done
}

# to_download NAME...: how much is missing, in apt's words; "nothing", or "unknown"
# as long as there are no lists.
to_download() {
    # shellcheck disable=SC2046
    plan=$(apt-get -y --print-uris install $(exact_names "$@") 2>/dev/null) || { echo unknown && return; }
    size=$(echo "$plan" | sed -n 's/^Need to get \(.*\) of archives.*/\1/p')
    echo "${size:-nothing}"
}

# unpack_archives DIR: everything downloaded, into DIR. The mark tells the next run
# that this one was cut short: what is half unpacked must be finished first.
unpack_archives() {
    mkdir -p "$1"
    : >"$dir/unpacking"
    count=$(find "$dir/cache/archives" -maxdepth 1 -name '*.deb' | wc -l)
    [ "$count" = 0 ] || say "unpacking $count packages into $1"
    for deb in "$dir"/cache/archives/*.deb; do
        [ -e "$deb" ] || continue
        dpkg -x "$deb" "$1" || die "unpacking $deb failed: is the disk full? Free some space, remove that file, run again."
        { dpkg-deb -f "$deb" | sed '1a Status: install ok installed' && echo; } >>"$dir/status"
        rm -f "$deb"
    done
    rm -rf "$1"/usr/share/doc "$1"/usr/share/man "$1"/usr/share/locale "$dir/unpacking"
}
