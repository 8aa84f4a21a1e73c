// Writes a zip file: enough of the format for a package, and the same bytes for the same files at any time.
import { crc32, deflateRawSync } from 'node:zlib';

/** The first of January 1980, which is as far back as the format goes. */
const noTime = 0x0021_0000;
const deflated = 8;
const namesAreUtf8 = 0x0800;

/** `files` by their paths in the zip, each a Buffer. */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [path, content] of files) {
    const name = Buffer.from(path, 'utf8');
    const body = deflateRawSync(content, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(namesAreUtf8, 2);
    common.writeUInt16LE(deflated, 4);
    common.writeUInt32LE(noTime, 6);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    parts.push(signature(0x0403_4b50), common, name, body);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([signature(0x0201_4b50), versionMadeBy(), common, place, name]));
    offset += 4 + common.length + name.length + body.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, index, signature(0x0605_4b50), end]);
}

function signature(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value, 0);
  return buffer;
}

function versionMadeBy() {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(20, 0);
  return buffer;
}
