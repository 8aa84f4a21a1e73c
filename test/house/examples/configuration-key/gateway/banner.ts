/** The line that everybody sees, where the configuration has one. */
import type { Configuration } from '../compiler/configuration/configuration.ts';

export function bannerOf({ banner }: Pick<Configuration, 'banner'>): string {
  return banner ?? '';
}
