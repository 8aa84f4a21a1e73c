/** A declared connector as one like those in TypeScript. */
import type { TObject } from 'typebox';
import type { DeclaredConnector } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Connector } from '../kit/define-connector.ts';
import { declaredAction } from './action.ts';
import { DeclaredClient } from './sender.ts';

export function connectorOf({ name, title, actions, descriptions }: DeclaredConnector): Connector {
  const [first] = actions;
  if (!first) throw new Error(`The connector ${name} has no actions.`);
  const { settings, settingsFrom } = first.service;
  return {
    name,
    title,
    settings: settings as unknown as TObject,
    ...defined({ settingsFrom }),
    connect: (given) => new DeclaredClient(given as JsonObject),
    actions: actions.flatMap((compiled, index) => {
      const description = descriptions[index];
      return description ? [declaredAction(compiled, description)] : [];
    }),
  };
}
