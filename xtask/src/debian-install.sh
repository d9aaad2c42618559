# Installs the Debian packages named by the arguments; run as root, by `cargo xtask test`.
set -eu
export DEBIAN_FRONTEND=noninteractive

# Debian starts the service of a package that it installs. The tests start their own servers, with
# their own ports, so nothing is started here: a policy that says no stands for as long as this runs.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

apt_install() {
    apt-get install --yes --quiet --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
}
apt_install "$@" || {
    echo "The package lists may be absent or old: updating them, then once more."
    apt-get update --quiet
    apt_install "$@"
}

# The same for the next time that the machine starts. Only what was absent is installed, so nobody
# relies on the service.
if [ -d /run/systemd/system ]; then
    for package in "$@"; do
        systemctl --quiet disable "$package.service" 2>/dev/null || true
    done
fi
