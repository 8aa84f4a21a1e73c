/**
 * Declared actions as runs began with them. A run carries out what was compiled when it began, also when the connector's files have
 * changed since, or are gone: its calls name the hash, and the form of that hash is kept.
 */
import type { ActionDescription } from '../../plan/catalogue.ts';
import type { CompiledAction, DeclaredConnector } from '../../plan/declared.ts';
import type { Json } from '../../plan/plan.ts';
import type { Action } from '../kit/define-action.ts';
import type { Connector } from '../kit/define-connector.ts';
import { connectorOf } from './connector.ts';

interface Kept {
  compiled: CompiledAction;
  description: ActionDescription;
}

/** Each action of these connectors as it is kept. */
export function keptForms(
  connectors: readonly DeclaredConnector[],
): { hash: string; name: string; content: Json }[] {
  return connectors.flatMap(({ service, actions, descriptions }) =>
    actions.map((entry, index) => ({
      hash: entry.hash,
      name: entry.action.name,
      content: { compiled: { ...entry, service }, description: descriptions[index] } as unknown as Json,
    })),
  );
}

/** Finds the form of a hash. Those of equal services share one connector, and so its tokens and limits. */
export function keptActions(find: (hash: string) => Promise<Json | undefined>) {
  const forms = new Map<string, { connector: Connector; action: Action }>();
  const connectors = new Map<string, Connector>();
  return async (hash: string) => {
    const known = forms.get(hash);
    if (known) return known;
    const content = (await find(hash)) as unknown as Kept | undefined;
    if (!content) return undefined;
    const { compiled, description } = content;
    const { service, ...entry } = compiled;
    const made = connectorOf({
      name: service.name,
      title: service.title,
      folder: '',
      service,
      actions: [entry],
      descriptions: [description],
    });
    const key = JSON.stringify(service);
    const connector = connectors.get(key) ?? made;
    connectors.set(key, connector);
    const [action] = made.actions;
    if (!action) return undefined;
    const form = { connector, action };
    forms.set(hash, form);
    return form;
  };
}
