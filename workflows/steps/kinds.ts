/** Hands every kind of step what carries it out. Imported once, where runs begin: kinds that run steps inside them import `step.ts`. */
import { runnersByKind } from './registry.ts';
import { runners } from './runner.ts';

Object.assign(runners, runnersByKind);
