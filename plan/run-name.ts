/** What people call a run by: its runbook's title, and its subject where it has one. */
export function runName({ title, subject }: { title: string; subject?: string | undefined }): string {
  return subject === undefined || subject === '' ? title : `${title}: ${subject}`;
}

/**
 * What people are shown of a run's id. Temporal's ids begin with the time (UUID version 7): all of one minute begin alike, and the last
 * group is by chance.
 */
export function shortRunId(id: string): string {
  const [, end] = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-([0-9a-f]{12})$/i.exec(id) ?? [];
  return end === undefined ? id : end.slice(0, 8);
}
