#!/usr/bin/env bash
# ldapts 8.2.0, 2026-11-28: modifyDN() was expected to part a new distinguished name at its first unescaped comma, and takes the comma after an
# escaped backslash for an escaped one, so that another name and parent are sent. Countersign writes such characters as hexadecimal pairs, which
# every reader parts alike (activities/ad/names.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null 2>&1 || exit 2
npm install --ignore-scripts --no-audit --no-fund --silent ldapts@8.2.0 || exit 2
cat > ask.mjs <<'JS'
import { createServer } from 'node:net';
import { BerReader, Client } from 'ldapts';
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (data) => {
    const reader = new BerReader(data);
    reader.readSequence();
    const id = reader.readInt();
    if (reader.readSequence() !== 0x6c) return;
    reader.readString();
    const name = reader.readString();
    reader.readBoolean();
    const parent = reader.remain > 0 ? reader.readString(0x80) : 'none';
    console.log(`name ${name}, parent ${parent}`);
    socket.write(Buffer.from([0x30, 12, 2, 1, id, 0x6d, 7, 0x0a, 1, 0, 4, 0, 4, 0]));
  });
});
server.listen(0, '127.0.0.1', async () => {
  const client = new Client({ url: `ldap://127.0.0.1:${server.address().port}`, timeout: 5000 });
  for (const name of ['CN=back\\\\', 'CN=back\\5C']) await client.modifyDN('CN=a,OU=one,DC=example', `${name},OU=two,DC=example`);
  await client.unbind();
  server.close();
});
JS
cat > expected <<'TEXT'
name CN=back\\,OU=two, parent DC=example
name CN=back\5C, parent OU=two,DC=example
TEXT
node ask.mjs | tee found
diff expected found || exit 1
echo 'As stated above, with ldapts 8.2.0.'
