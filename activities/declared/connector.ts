/** A declared connector as one like those in TypeScript. */
import type { TObject } from 'typebox';
import type { DeclaredConnector } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Connector } from '../kit/define-connector.ts';
import { declaredAction } from './action.ts';
import { checkOf } from './checking.ts';
import { DeclaredClient } from './client.ts';

export function connectorOf(declared: DeclaredConnector): Connector {
  const { name, title, service, actions, descriptions } = declared;
  const { settings, settingsFrom } = service;
  const properties = (settings.properties ?? {}) as JsonObject;
  return {
    name,
    title,
    settings: settings as unknown as TObject,
    ...defined({ settingsFrom }),
    // Which scripts may run is no other place for them to run.
    sameSystem: [...service.sensitive, 'ca', 'allow'].filter((setting) => Object.hasOwn(properties, setting)),
    check: checkOf(declared),
    connect: (given) => new DeclaredClient(given as JsonObject),
    actions: actions.flatMap((entry, index) => {
      const description = descriptions[index];
      return description ? [declaredAction({ ...entry, service }, description)] : [];
    }),
  };
}
