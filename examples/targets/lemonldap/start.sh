#!/bin/sh
# Installs what the server needs, once, and starts it: ./start.sh --port 8211 (see perl server.pl --help).
# The passwords and secrets below are for a demo on this machine only; set the variables to use others.
set -eu
cd "$(dirname "$0")"

packages="liblemonldap-ng-portal-perl lemonldap-ng-fastcgi-server starman libdbi-perl libdbd-sqlite3-perl
  libcrypt-openssl-bignum-perl libio-string-perl libstring-random-perl libgd-securityimage-perl libimage-magick-perl"

missing=""
for package in $packages; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] && sudo="" || sudo=sudo
  $sudo apt-get update -q >&2
  # shellcheck disable=SC2086  # one word per package
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >&2
fi
version="$(dpkg-query -W -f '${Version}' liblemonldap-ng-portal-perl)"
case "$version" in
  2.16.*) ;;
  *) echo "LemonLDAP::NG $version is installed; README.md describes 2.16, the one of Debian 12." >&2 ;;
esac

export SESSIONPROOF_ALICE_PASSWORD="${SESSIONPROOF_ALICE_PASSWORD:-alice-password}"
export SESSIONPROOF_BOB_PASSWORD="${SESSIONPROOF_BOB_PASSWORD:-bob-password}"
export SESSIONPROOF_SHOP_SECRET="${SESSIONPROOF_SHOP_SECRET:-shop-secret}"
export SESSIONPROOF_OUTLET_SECRET="${SESSIONPROOF_OUTLET_SECRET:-outlet-secret}"
export SESSIONPROOF_UPSTREAM_SECRET="${SESSIONPROOF_UPSTREAM_SECRET:-upstream-secret}"
exec perl server.pl "$@"
