/** ServiceNow's Attachment API: the attachments of a record, and the file of one. */
import { defined } from '../../plan/defined.ts';
import type { HttpClient } from '../kit/http.ts';
import type { TicketFile, TicketFiles } from '../kit/ticket-files.ts';
import { largestTicketFile } from '../kit/ticket-files.ts';

interface Attachment {
  sys_id?: string;
  file_name?: string;
  size_bytes?: string;
  table_sys_id?: string;
  sys_created_on?: string;
  sys_created_by?: string;
}

const path = '/api/now/attachment';

export function serviceNowFiles(client: HttpClient): TicketFiles {
  return {
    async list(ticket) {
      // Only what cannot end the condition is asked for.
      if (!/^[0-9a-f]{8,32}$/i.test(ticket)) return [];
      const query = { sysparm_query: `table_sys_id=${ticket}`, sysparm_limit: 200 };
      const { body } = await client.send({ method: 'GET', path, query });
      const { result = [] } = body as { result?: Attachment[] };
      return result.filter((each) => each.table_sys_id === ticket).map(fileOf);
    },
    read: (id) => client.download(`${path}/${encodeURIComponent(id)}/file`, {}, largestTicketFile),
  };
}

function fileOf(file: Attachment): TicketFile {
  // In UTC, without saying so.
  const at = Date.parse(`${String(file.sys_created_on ?? '').replace(' ', 'T')}Z`);
  return {
    id: String(file.sys_id),
    name: file.file_name || String(file.sys_id),
    bytes: Number(file.size_bytes ?? 0),
    ...defined({ at: Number.isFinite(at) ? at : undefined, by: file.sys_created_by || undefined }),
  };
}
