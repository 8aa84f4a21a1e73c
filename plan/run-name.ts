/** What people call a run by: its runbook's title, and its subject where it has one. */
export function runName({ title, subject }: { title: string; subject?: string | undefined }): string {
  return subject === undefined || subject === '' ? title : `${title}: ${subject}`;
}
