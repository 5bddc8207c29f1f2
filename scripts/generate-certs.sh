#!/bin/sh
# Makes certificates for trying out mutual TLS, with nothing but openssl: an authority, a server and two clients.
set -eu

usage() {
	cat <<'TEXT'
Usage: scripts/generate-certs.sh DIR [--force]

Makes in DIR, for trying out mutual TLS:
  ca.crt ca.key            an authority (RSA 4096, 10 years)
  server.crt server.key    a server: localhost, 127.0.0.1 and this host's name (RSA 2048, 1 year)
  client1.crt client1.key  a client with the name client1 (RSA 2048, 1 year)
  client2.crt client2.key  a client with the name client2 (RSA 2048, 1 year)

Keys are readable by you only. Files that are there are kept, unless --force is given.
TEXT
}

fail() {
	echo "generate-certs: $1" >&2
	exit "${2:-1}"
}

dir=
force=no
for argument in "$@"; do
	case $argument in
	-h | --help) usage && exit 0 ;;
	--force) force=yes ;;
	-*) usage >&2 && fail "there is no option $argument" 2 ;;
	*) [ -z "$dir" ] || fail "one DIR only: \"$dir\" or \"$argument\"" 2 && dir=$argument ;;
	esac
done
[ -n "$dir" ] || { usage >&2 && fail "DIR is missing" 2; }
command -v openssl >/dev/null || fail "openssl is missing: install it (apt-get install openssl)"

names='ca server client1 client2'
if [ "$force" = no ]; then
	for name in $names; do
		for file in "$dir/$name.crt" "$dir/$name.key"; do
			[ ! -e "$file" ] || fail "\"$file\" exists: choose another folder, or replace all with --force"
		done
	done
fi

umask 077
mkdir -p -- "$dir"
dir=$(cd -- "$dir" && pwd)
# Everything is made beside its place first: what fails leaves what was there before.
work=$(mktemp -d "$dir/.new.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM

cd -- "$work"
: >log
run() {
	openssl "$@" >>log 2>&1 || {
		cat log >&2
		fail "openssl $1 failed"
	}
}

# Positive and without a leading zero, whatever the random digits are.
serial() {
	echo "0x4$(openssl rand -hex 15)0"
}

server_names='DNS:localhost,IP:127.0.0.1,IP:::1'
host=$(uname -n)
case $host in
'' | localhost | *[!A-Za-z0-9.-]* | -*) ;;
*) server_names="$server_names,DNS:$host" ;;
esac

cat >ca.cnf <<'TEXT'
[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
CN = Berth try-out CA
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
TEXT
run req -x509 -newkey rsa:4096 -nodes -sha256 -days 3652 -set_serial "$(serial)" -config ca.cnf -keyout ca.key -out ca.crt

# issue NAME USAGE EXTENSION: a key and a certificate that the authority signed.
issue() {
	cat >"$1.cnf" <<TEXT
[req]
distinguished_name = name
prompt = no
[name]
CN = $1
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = $2
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
$3
TEXT
	run req -new -newkey rsa:2048 -nodes -sha256 -config "$1.cnf" -keyout "$1.key" -out "$1.csr"
	run x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -set_serial "$(serial)" -sha256 -days 365 \
		-extfile "$1.cnf" -extensions leaf -out "$1.crt"
}

issue server serverAuth "subjectAltName = $server_names"
issue client1 clientAuth ''
issue client2 clientAuth ''

chmod 644 -- *.crt
for name in $names; do
	mv -f -- "$name.key" "$name.crt" "$dir/"
done

cat <<TEXT
Made in $dir:
  ca.crt ca.key            the authority; whoever has ca.key can make clients: keep it away from both sides
  server.crt server.key    the server: $(echo "$server_names" | sed 's/DNS://g; s/IP://g; s/,/, /g')
  client1.crt client1.key  the client client1
  client2.crt client2.key  the client client2
Start the server with BERTH_GRPC_CERTS=$dir
A client needs ca.crt, and its own pair as client.crt and client.key, in ~/.berth/creds
TEXT
