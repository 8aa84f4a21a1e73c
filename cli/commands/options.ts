import { defined } from '../../plan/defined.ts';

/** What commander hands to a command. */
export type Options = Record<string, string | boolean | string[] | undefined>;

export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The options by which every command finds the gateway. */
export function apiOptions(options: Options): { gateway?: string; data?: string; as?: string } {
  const [gateway, data, as] = [text(options, 'gateway'), text(options, 'data'), text(options, 'as')];
  return defined({ gateway: gateway || undefined, data: data || undefined, as: as || undefined });
}
