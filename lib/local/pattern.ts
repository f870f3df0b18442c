/**
 * The patterns in which EventBridge rules and the filters of Lambda's event sources are written, as far as ours use them
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html).
 */
type Literal = string | number | boolean | null;

export type Matcher =
  | Literal
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly 'anything-but': Literal | readonly Literal[] }
  | { readonly exists: boolean };

export interface Pattern {
  readonly [field: string]: Pattern | readonly Matcher[];
}

const isList = (part: Pattern | readonly Matcher[]): part is readonly Matcher[] => Array.isArray(part);

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

const fits = (matcher: Matcher, value: unknown): boolean => {
  if (typeof matcher !== 'object' || matcher === null) return value === matcher;
  if ('prefix' in matcher) return typeof value === 'string' && value.startsWith(matcher.prefix);
  if ('suffix' in matcher) return typeof value === 'string' && value.endsWith(matcher.suffix);
  if ('exists' in matcher) return (value !== undefined) === matcher.exists;
  return value !== undefined && ![matcher['anything-but']].flat().some((literal) => literal === value);
};

/** Whether an event fits: every field that the pattern names, with one of its matchers; of a list in the event, one element is enough. */
export const matches = (pattern: Pattern, event: unknown): boolean =>
  Object.entries(pattern).every(([name, part]) => {
    const value = field(event, name);
    if (!isList(part)) return matches(part, value);
    const candidates: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value];
    return part.some((matcher) => candidates.some((candidate) => fits(matcher, candidate)));
  });
