# wrap.sh: the small scripts in .cache/bin, sourced by bring.sh.
#
# A private program is started by the loader of its own root, so it uses the C
# library it was built against, whatever the machine has. Every wrapper ends in
# exec: the program keeps the process id that the caller knows.

# system_program NAME: where the system has it. Debian keeps PostgreSQL's servers off the PATH.
system_program() {
    command -v "$1" 2>/dev/null && return
    for d in /usr/sbin /usr/lib/postgresql/*/bin; do found=$d; [ ! -x "$d/$1" ] || last=$d/$1; done
    [ -z "${last:-}" ] || echo "$last"
    [ -n "${last:-}" ]
}

triplet() {
    case $(dpkg --print-architecture) in
    amd64) echo x86_64-linux-gnu ;;
    arm64) echo aarch64-linux-gnu ;;
    *) die "$(dpkg --print-architecture): only amd64 and arm64 are known to work" ;;
    esac
}

# library_path: the root's library folders, private ones of single packages included.
library_path() {
    printf '%s' "$root/usr/lib/$(triplet):$root/usr/lib"
    for d in "$root/usr/lib/$(triplet)"/pulseaudio "$root/usr/lib/$(triplet)"/systemd; do
        [ ! -d "$d" ] || printf ':%s' "$d"
    done
}

# put FILE: standard input becomes an executable, in one step, so that a program
# starting at this moment finds the old or the new one.
put() {
    cat >"$1.new" && chmod 755 "$1.new" && mv -f "$1.new" "$1"
}

# wrap_one PART NAME COMMAND: .cache/bin/NAME, which runs COMMAND (shell words).
wrap_one() {
    case $1 in
    postgres) wrap_postgres "$2" "$3" | put "$bin/$2" ;;
    *) printf '#!/bin/sh\n# Made by deploy/bring.\nexec %s "$@"\n' "$3" | put "$bin/$2" ;;
    esac
    case $1 in asterisk) asterisk_paths "$3" ;; esac
}

# wrap_private PART NAME: the same for a program of the root.
wrap_private() {
    case $2 in
    asterisk | bearerbox | smsbox) elf=$root/usr/sbin/$2 ;;
    postgres | initdb | pg_ctl | psql)
        pg=$(ls -d "$root"/usr/lib/postgresql/*/bin | sort -V | tail -n 1)
        [ "$2" != postgres ] || wrap_postgres_inside "$pg"
        wrap_one postgres "$2" "$pg/$2"
        return
        ;;
    *) elf=$root/usr/bin/$2 ;;
    esac
    [ -x "$elf" ] || die "$elf is missing after unpacking; remove $root and $stamps and try again"
    case $2 in espeak-ng) pre="env ESPEAK_DATA_PATH=$root/usr/lib/$(triplet)/espeak-ng-data " ;; *) pre= ;; esac
    wrap_one "$1" "$2" "$pre$(loader "$2") --argv0 '$bin/$2' --library-path '$(library_path)' '$elf'"
}

# loader NAME: the root's loader under the program's own name, so that ps and top show it.
loader() {
    mkdir -p "$root/.run"
    real=$(ls "$root/usr/lib/$(triplet)"/ld-linux-*.so.* | head -n 1)
    ln -sf "$real" "$root/.run/$1"
    echo "'$root/.run/$1' --inhibit-cache"
}

# wrap_postgres_inside DIR: initdb and pg_ctl start their neighbours by path, so
# within the root each program is a wrapper too.
wrap_postgres_inside() {
    mkdir -p "$1/.elf"
    for p in initdb postgres pg_ctl psql; do
        [ "$(head -c 2 "$1/$p")" = '#!' ] || mv "$1/$p" "$1/.elf/$p" # not yet, or again after an update
        printf '#!/bin/sh\nexec %s --argv0 "%s" --library-path "%s" "%s" "$@"\n' \
            "$(loader "$p")" "$1/$p" "$(library_path)" "$1/.elf/$p" | put "$1/$p"
    done
}

# wrap_postgres NAME COMMAND: PostgreSQL refuses to run as root, so root hands the
# program to nobody, with one capability left: to enter a checkout below /root. (The
# secure bit makes access(2) count it too, by which initdb looks for its neighbours.)
# initdb gives its new folder to nobody first. Dropping root also clears the
# parent-death signal a starter has asked for; HOTLINE_PDEATHSIG=INT sets it again.
wrap_postgres() {
    cat <<END
#!/bin/sh
# Made by deploy/bring.
[ "\$(id -u)" = 0 ] || exec '$2' "\$@"
END
    [ "$1" != initdb ] || cat <<'END'
data=${PGDATA:-} last=
for a in "$@"; do
    case $last in -D | --pgdata) data=$a ;; esac
    case $a in -D?*) data=${a#-D} ;; --pgdata=*) data=${a#--pgdata=} ;; esac
    last=$a
done
case $last in -* | '') ;; *) data=${data:-$last} ;; esac
[ -z "$data" ] || { mkdir -p "$data" && chown 65534:65534 "$data"; }
END
    cat <<END
nobody="--reuid=65534 --regid=65534 --clear-groups"
enter="--securebits=+no_setuid_fixup --inh-caps=+dac_override --ambient-caps=+dac_override"
setpriv \$nobody \$enter true 2>/dev/null || enter= # a container that withholds it
exec setpriv \$nobody \$enter \${HOTLINE_PDEATHSIG:+--pdeathsig "\$HOTLINE_PDEATHSIG"} '$2' "\$@"
END
}

# asterisk_paths COMMAND: what our configuration must name, as KEY=VALUE lines.
asterisk_paths() {
    case $1 in *"$root"*) top=$root ;; *) top= ;; esac
    for m in "$top/usr/lib/$(triplet)/asterisk/modules" "$top/usr/lib/asterisk/modules" "$top/usr/local/lib/asterisk/modules"; do
        [ -d "$m" ] && break
    done
    for d in "$top/usr/share/asterisk" "$top/var/lib/asterisk"; do [ -d "$d/documentation" ] && break; done
    printf 'ASTERISK_BIN=%s\nASTERISK_MODULES=%s\nASTERISK_DATA=%s\n' "$bin/asterisk" "$m" "$d" >"$cache/asterisk.paths"
}
