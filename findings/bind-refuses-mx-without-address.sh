#!/usr/bin/env bash
# BIND 9.18.x (Debian 12), 2026-11-28: an update of an MX whose host, in the same zone, has no address was expected to be told apart from one
# without rights, and is REFUSED in the same words; on the same zone the order of two updates decides. Countersign says both causes
# (activities/dns/errors.ts). Needs named: apt-get install bind9.
set -euo pipefail
command -v named >/dev/null || { echo 'named is not here: apt-get install bind9'; exit 2; }
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
server=
cd "$folder"
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
cat > named.conf <<CONF
options { directory "$folder"; listen-on port $port { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; session-keyfile none;
  managed-keys-directory "."; recursion no; dnssec-validation no; empty-zones-enable no; };
controls { };
zone "example.com" { type primary; file "zone"; allow-update { 127.0.0.1; }; };
CONF
printf '$TTL 60\n@ IN SOA ns1 root 1 60 60 60 60\n@ IN NS ns1\nns1 IN A 192.0.2.53\n' > zone
named -g -n 1 -c named.conf 2> log &
server=$!
cat > ask.mjs <<'JS'
import { connect } from 'node:net';
const name = (text) => Buffer.concat([...text.split('.').map((l) => Buffer.from([l.length, ...Buffer.from(l)])), Buffer.alloc(1)]);
const update = (owner, type, data) => {
  const record = [...name(owner), 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data];
  return Buffer.from([0, 1, 0x28, 0, 0, 1, 0, 0, 0, 1, 0, 0, ...name('example.com'), 0, 6, 0, 1, ...record]);
};
const send = (message) =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(process.argv[2]), '127.0.0.1', () => socket.write(Buffer.concat([Buffer.from([0, message.length]), message])));
    socket.once('data', (answer) => (resolve(answer[5] & 15), socket.destroy()));
    socket.once('error', reject);
  });
const mx = update('example.com', 15, Buffer.concat([Buffer.from([0, 10]), name('mail.example.com')]));
for (let tries = 0; ; tries++) {
  try {
    console.log(`MX alone: ${await send(mx)}`);
    break;
  } catch (error) {
    if (tries > 100) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
console.log(`its address: ${await send(update('mail.example.com', 1, Buffer.from([192, 0, 2, 25])))}`);
console.log(`the same MX: ${await send(mx)}`);
JS
# 5 is REFUSED, as for a client without rights; 0 is done.
printf 'MX alone: 5\nits address: 0\nthe same MX: 0\n' > expected
node ask.mjs "$port" | tee found
diff expected found || exit 1
echo "As stated above, with $(named -v | cut -d' ' -f1,2)."
