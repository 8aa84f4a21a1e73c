#!/usr/bin/env node
/** `countersign …`. What is asked while people type has a program of its own, which starts in a fraction of the time. */
import { startQuickly } from './quick-start.ts';

if (!(await startQuickly(process.argv.slice(2)))) await import('./program.ts');
