/** What an editor may offer for a diagnostic: a few replacements in its file that take it away. */

import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { TextEdit } from '../format.ts';
import type { Workspace } from '../workspace.ts';

export interface Mend {
  /** What it does, as the editor's menu says it. */
  title: string;
  edits: TextEdit[];
}

/** A diagnostic where it stands. */
export interface Place {
  workspace: Workspace;
  file: string;
  text: string;
  diagnostic: Diagnostic;
}
