/** Jira Cloud platform REST API v3: Get issue (fields=attachment) and Get attachment content. */
import { defined } from '../../plan/defined.ts';
import type { HttpClient } from '../kit/http.ts';
import type { TicketFile, TicketFiles } from '../kit/ticket-files.ts';
import { largestTicketFile } from '../kit/ticket-files.ts';
import { issuePath } from './client.ts';

interface Attachment {
  id?: string | number;
  filename?: string;
  size?: number;
  created?: string;
  author?: { displayName?: string };
}

export function jiraFiles(client: HttpClient): TicketFiles {
  return {
    async list(ticket) {
      const query = { fields: 'attachment' };
      const { body } = await client.send({ method: 'GET', path: issuePath(ticket), query });
      const { attachment = [] } = (body as { fields?: { attachment?: Attachment[] } }).fields ?? {};
      return attachment.map(fileOf);
    },
    read: (id) =>
      client.download(
        `/rest/api/3/attachment/content/${encodeURIComponent(id)}`,
        { redirect: false },
        largestTicketFile,
      ),
  };
}

function fileOf({ id, filename, size, created, author }: Attachment): TicketFile {
  const at = Date.parse(String(created ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return {
    id: String(id),
    name: filename || String(id),
    bytes: Number(size ?? 0),
    ...defined({ at: Number.isFinite(at) ? at : undefined, by: author?.displayName || undefined }),
  };
}
