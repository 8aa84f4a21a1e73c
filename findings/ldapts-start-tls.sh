#!/usr/bin/env bash
# ldapts 8.2.0, 2026-11-28: with an address of ldap:// and `tlsOptions` for the StartTLS to come, the first bytes were expected to be LDAP's, and
# are those of TLS, so that a server on port 389 never answers. Countersign gives them to startTLS() alone (activities/ad/client.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null 2>&1 || exit 2
npm install --ignore-scripts --no-audit --no-fund --silent ldapts@8.2.0 || exit 2
cat > ask.mjs <<'JS'
import { createServer } from 'node:net';
import { Client } from 'ldapts';
const server = createServer((socket) => {
  socket.on('error', () => {});
  // An LDAP message is a sequence, 30; a handshake of TLS begins with 16.
  socket.once('data', (data) => {
    console.log(`${name}: first byte ${data[0].toString(16)}`);
    socket.destroy();
  });
});
let name = '';
server.listen(0, '127.0.0.1', async () => {
  const url = `ldap://127.0.0.1:${server.address().port}`;
  for (const [what, options] of [['without tlsOptions', {}], ['with tlsOptions', { tlsOptions: { servername: 'dc1.example.com' } }]]) {
    name = what;
    const client = new Client({ url, timeout: 5000, ...options });
    await client.startTLS({}).catch(() => {});
    await client.unbind().catch(() => {});
  }
  server.close();
});
JS
printf 'without tlsOptions: first byte 30\nwith tlsOptions: first byte 16\n' > expected
node ask.mjs | tee found
diff expected found || exit 1
echo 'As stated above, with ldapts 8.2.0.'
