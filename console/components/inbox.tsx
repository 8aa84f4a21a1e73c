/** The inbox, loaded once for the page and for the number in the navigation, and kept up to date. */
import { createContext, type ReactNode, useContext } from 'react';
import type { InboxItem } from '../api/types.ts';
import { type Loaded, useLoaded, useStream } from './loading.ts';

interface InboxPage {
  items: InboxItem[];
  /** How many there are; the most urgent are given. */
  total: number;
}

type Inbox = Loaded<InboxPage>;

const Context = createContext<Inbox>({ data: undefined, error: undefined, loading: true, reload: () => {} });

export function InboxProvider({ children }: { children: ReactNode }) {
  const inbox = useLoaded<InboxPage>('/inbox');
  useStream(() => '/inbox/events', { changed: inbox.reload }, inbox.reload);
  return <Context value={inbox}>{children}</Context>;
}

export const useInbox = (): Inbox => useContext(Context);
