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

/**
 * The same for a process that is asked again and again: made at the first question and kept, since each connector has its clients, their
 * sign-ins and the checks of its actions' inputs.
 */
export function keptPreviewCallers(
  ...of: Parameters<typeof previewCallers>
): () => ReturnType<typeof previewCallers> {
  let kept: ReturnType<typeof previewCallers> | undefined;
  return () => {
    kept ??= previewCallers(...of);
    return kept;
  };
}
