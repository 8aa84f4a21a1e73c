/** What a form of several parts says, as a stand-in sees it: texts by their names, and files with `fileName`, `content` and `size`. */
import type { Values } from './declared/expressions.ts';

export function multipartIn(text: string, contentType: string): Values {
  const [, boundary = ''] = /boundary="?([^";]+)"?/.exec(contentType) ?? [];
  const parts = boundary === '' ? [] : text.split(`--${boundary}`).slice(1, -1);
  const fields: Values = { text };
  for (const part of parts) {
    const end = part.indexOf('\r\n\r\n');
    const head = part.slice(0, end);
    const content = part.slice(end + 4).replace(/\r\n$/, '');
    const [, name = ''] = /\bname="([^"]*)"/.exec(head) ?? [];
    const [, fileName] = /\bfilename="([^"]*)"/.exec(head) ?? [];
    fields[name] = fileName === undefined ? content : { fileName, content, size: Buffer.byteLength(content) };
  }
  return fields;
}
