/** The connectors as a preview asks them. */
import { connectorsWith, descriptions } from '../activities/index.ts';
import { Caller } from '../activities/kit/call.ts';
import type { Services } from '../activities/kit/services.ts';
import { catalogueOf } from '../plan/catalogue.ts';
import type { DeclaredConnector } from '../plan/declared.ts';
import type { PreviewOptions } from './preview.ts';

/** `declared` are those of the repository. */
export function previewCallers(
  services: Services,
  declared: readonly DeclaredConnector[],
): Pick<PreviewOptions, 'caller' | 'catalogue'> {
  const connectors = connectorsWith(declared);
  const byAction = new Map(
    connectors.flatMap((connector) => {
      const caller = new Caller(connector, services);
      return connector.actions.map((action) => [action.name as string, { caller, action }] as const);
    }),
  );
  return { caller: (action) => byAction.get(action), catalogue: catalogueOf(descriptions(connectors)) };
}
