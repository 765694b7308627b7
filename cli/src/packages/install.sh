#!/bin/sh
# Installs Debian packages without letting them start servers of their own on 5432 or 6379.
# Runs as root: sh install.sh PACKAGE...
set -eu

export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.conf
mark='# Made by stoa while it installs packages.'
new_redis=
systemctl=$(command -v systemctl || true)

put_back() {
    # Only what is ours is taken away: somebody's own file stays as it was.
    if grep -qsF "$mark" "$policy"; then rm -f "$policy"; fi
    for file in "$policy" "$clusters"; do
        if [ -e "$file.before-stoa" ]; then mv -f "$file.before-stoa" "$file"; fi
    done
}

get() {
    apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

install() {
    # The lists may be missing (a fresh container) or name versions that are gone.
    get --download-only "$1" || { apt-get update && get --download-only "$1"; }
    # Interrupted half-way, dpkg would leave a system that somebody has to repair.
    trap '' INT TERM HUP
    get "$1"
    trap 'exit 130' INT TERM HUP
}

put_back # what a killed run may have left
trap put_back EXIT
trap 'exit 130' INT TERM HUP

if [ -e "$policy" ]; then mv "$policy" "$policy.before-stoa"; fi
printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
chmod 755 "$policy"

for package in "$@"; do
    case $package in
    postgresql)
        # This part brings the configuration that decides whether the next makes a cluster.
        install postgresql-common
        if [ -e "$clusters" ]; then
            cp -p "$clusters" "$clusters.before-stoa"
            sed -i '/^[[:space:]]*create_main_cluster/d' "$clusters"
            echo 'create_main_cluster = false' >>"$clusters"
        fi
        ;;
    redis-server)
        new_redis=1
        ;;
    esac
    install "$package"
done

# The package enables its service, which would take 6379 at the next boot.
if [ -n "$new_redis" ]; then
    if [ -n "$systemctl" ]; then "$systemctl" disable redis-server.service || true; fi
    if command -v update-rc.d >/dev/null; then update-rc.d redis-server disable || true; fi
fi
