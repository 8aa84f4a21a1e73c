#!/usr/bin/env bash
# ldapts 8.2.0, 2026-11-28: a paged search was expected to go on until the server sends no cookie any more (RFC 2696), and ends at the first
# page without entries, without an error, so that entries are missing. Countersign pages by itself (activities/ad/directory.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null 2>&1 || exit 2
npm install --ignore-scripts --no-audit --no-fund --silent ldapts@8.2.0 || exit 2
cat > ask.mjs <<'JS'
import { createServer } from 'node:net';
import { Client } from 'ldapts';
// A directory of one entry, which comes on the second page; the first is empty, and its cookie says that there is more.
const tlv = (tag, ...parts) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
};
const control = (cookie) => {
  const value = tlv(0x30, tlv(0x02, [0]), tlv(0x04, cookie));
  return tlv(0xa0, tlv(0x30, tlv(0x04, '1.2.840.113556.1.4.319'), tlv(0x04, value)));
};
const done = tlv(0x65, tlv(0x0a, [0]), tlv(0x04, ''), tlv(0x04, ''));
let pages = 0;
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (!data.includes('1.2.840.113556.1.4.319')) return;
    const id = tlv(0x02, [data[data.indexOf(0x63) - 1]]);
    pages++;
    const entry = tlv(0x64, tlv(0x04, 'cn=one'), tlv(0x30));
    if (pages > 1) socket.write(tlv(0x30, id, entry));
    socket.write(tlv(0x30, id, done, control(pages > 1 ? '' : 'more')));
  });
});
server.listen(0, '127.0.0.1', async () => {
  const client = new Client({ url: `ldap://127.0.0.1:${server.address().port}`, timeout: 5000 });
  const { searchEntries } = await client.search('', { filter: '(cn=*)', paged: true });
  console.log(`pages asked for: ${pages}, entries: ${searchEntries.length} of 1`);
  await client.unbind();
  server.close();
});
JS
echo 'pages asked for: 1, entries: 0 of 1' > expected
node ask.mjs | tee found
diff expected found || exit 1
echo 'As stated above, with ldapts 8.2.0.'
