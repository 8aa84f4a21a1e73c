/** The workflow of the projects: its statuses, and where each can go. */

export interface Status {
  id: string;
  category: Category;
  to: string[];
}

type Category = keyof typeof categories;

const categories = {
  'To Do': { id: 2, key: 'new', colorName: 'blue-gray' },
  'In Progress': { id: 4, key: 'indeterminate', colorName: 'yellow' },
  Done: { id: 3, key: 'done', colorName: 'green' },
} as const;

export const statuses: Record<string, Status> = {
  'Waiting for approval': { id: '10001', category: 'To Do', to: ['Approved', 'Rejected'] },
  Approved: { id: '10002', category: 'To Do', to: ['In Progress', 'Done', 'Rejected'] },
  'In Progress': { id: '3', category: 'In Progress', to: ['Done', 'Rejected'] },
  Done: { id: '10003', category: 'Done', to: [] },
  Rejected: { id: '10004', category: 'Done', to: ['Waiting for approval'] },
};

/** As issues and transitions show it. The category is named as the service names it, which is not always its key. */
export function statusBody(name: string, api: string): Record<string, unknown> {
  const { id, category } = statuses[name] ?? { id: '10000', category: 'To Do' as Category };
  const { id: categoryId, key, colorName } = categories[category];
  return {
    self: `${api}/status/${id}`,
    description: '',
    iconUrl: `${api}/images/icons/status_generic.gif`,
    name,
    id,
    statusCategory: {
      self: `${api}/statuscategory/${categoryId}`,
      id: categoryId,
      key,
      colorName,
      name: category,
    },
  };
}

export interface Transition {
  id: string;
  name: string;
  to: string;
}

export function transitionsFrom(status: string): Transition[] {
  return (statuses[status]?.to ?? []).map((to) => ({ id: `9${statuses[to]?.id ?? ''}`, name: to, to }));
}
