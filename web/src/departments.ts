// The tree of departments, as lists show it.
import type {Department} from './api';

/// A department with those below it, by name.
export interface Branch {
  department: Department;
  below: Branch[];
}

/// The tree from the top down. Whoever has a parent that is not in the list stands at the top, so that none is lost.
export function treeOf(all: Department[]): Branch[] {
  const known = new Set(all.map(({id}) => id));
  const children = new Map<string, Department[]>();
  for (const department of all) {
    const parent = department.parent !== null && known.has(department.parent) ? department.parent : '';
    children.set(parent, [...(children.get(parent) ?? []), department]);
  }
  const below = (parent: string): Branch[] =>
    (children.get(parent) ?? [])
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((department) => ({department, below: below(department.id)}));
  return below('');
}

export interface Line {
  department: Department;
  depth: number;
}

/// The same as lines, each below its parent, for a list of choices.
export function linesOf(all: Department[]): Line[] {
  const lines = (branches: Branch[], depth: number): Line[] =>
    branches.flatMap(({department, below}) => [{department, depth}, ...lines(below, depth + 1)]);
  return lines(treeOf(all), 0);
}

/// The name with what stands before it in a list of choices.
export const indented = ({department, depth}: Line) => '\u2003'.repeat(depth) + department.name;

/// The names from the top down, because departments of different parents may be called the same.
export function pathOf(department: Department, all: Department[]): string {
  const parent = all.find(({id}) => id === department.parent);
  return parent ? `${pathOf(parent, all)} › ${department.name}` : department.name;
}

/// Whether `id` is the department `above` or somewhere below it.
export function isWithin(id: string | null, above: string, all: Department[]): boolean {
  for (let at = id; at !== null; at = all.find((each) => each.id === at)?.parent ?? null) {
    if (at === above) return true;
  }
  return false;
}
