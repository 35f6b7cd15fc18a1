# cc.sh: a C compiler for Go's race detector, sourced by bring.sh.
#
# What it links must run on this machine's own C library, so unlike the programs of
# the root it comes from the machine's own suite, by the machine's own sources.

# bring_cc: nothing to do where gcc can build a program; else .cache/bin/cc.
bring_cc() {
    rm -f "$bin/cc"
    if [ "$private" != 1 ] && builds gcc; then
        note_done cc "$(command -v gcc)"
        return
    fi
    enough_disk
    private_apt own
    [ -d "$cache/cc" ] || : >"$dir/status"
    [ ! -e "$dir/unpacking" ] || unpack_archives "$cache/cc"
    apt_do "reading the machine's own package lists" update
    say "downloading gcc libc6-dev: $(to_download gcc libc6-dev)"
    apt_do "downloading" -y --download-only install gcc libc6-dev
    unpack_archives "$cache/cc"
    settle_cc
    wrap_one cc cc "env LD_LIBRARY_PATH='$cache/cc/.lib' '$cache/cc/usr/bin/gcc' '--sysroot=$cache/cc' '-B$cache/cc/usr/bin'"
    builds "$bin/cc" || die "cc: $bin/cc cannot build a program; install gcc and libc6-dev, or remove $cache/cc and try again"
    note_done cc "$cache/cc/usr"
    say "cc: private copy $("$bin/cc" -dumpfullversion)"
}

builds() {
    printf 'int main(void) { return 0; }\n' | "$1" -x c - -o /dev/null -lpthread 2>/dev/null
}

# settle_cc: the compiler's own libraries get a folder without the C library, which
# must stay the machine's; and the folders that moved into /usr get their old names.
settle_cc() {
    rm -rf "$cache/cc/.lib" && mkdir -p "$cache/cc/.lib"
    for l in "$cache/cc/usr/lib/$(triplet)"/*.so*; do
        case ${l##*/} in
        libbfd* | libopcodes* | libctf* | libsframe* | libgprofng* | libmpc* | libmpfr* | libgmp* | libisl* | libzstd* | libjansson* | libz.* | libstdc++* | libgcc_s*)
            ln -sf "$l" "$cache/cc/.lib/"
            ;;
        esac
    done
    for d in lib lib64; do
        [ -e "$cache/cc/$d" ] || [ ! -d "$cache/cc/usr/$d" ] || ln -s "usr/$d" "$cache/cc/$d"
    done
}
