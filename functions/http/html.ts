/**
 * HTML that cannot forget to escape: a string put into `html` is text, always; only what `html` itself made goes in as it is. Values of
 * attributes are written between double quotes.
 */

/** A private field makes it nominal: no object that came from outside passes for it, neither for the compiler nor when it runs. */
class Piece {
  readonly #source: string;
  constructor(source: string) {
    this.#source = source;
  }
  get source(): string {
    return this.#source;
  }
}

/** A piece of HTML, by `html`. */
export type Html = Piece;

type Part = string | number | Html | undefined;

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => ESCAPED[each] ?? each);

const sourceOf = (part: Part | readonly Part[]): string => {
  if (part instanceof Piece) return part.source;
  if (typeof part === 'object') return part.map(sourceOf).join('');
  return part === undefined ? '' : escaped(String(part));
};

/** Line ends are for whoever reads the template, not for a resident's data plan: beside a tag or a part they are nothing, else a space. */
const tightened = (source: string): string =>
  source
    .replaceAll(/(^|>)\s*\n\s*/g, '$1')
    .replaceAll(/\s*\n\s*(?=[<>]|$)/g, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(' />', '/>');

const tight = new WeakMap<TemplateStringsArray, readonly string[]>();

/** `undefined` is nothing, an array its elements one after another. */
export const html = (template: TemplateStringsArray, ...parts: readonly (Part | readonly Part[])[]): Html => {
  const strings = tight.get(template) ?? template.map(tightened);
  tight.set(template, strings);
  return new Piece(strings.reduce((before, string, index) => before + sourceOf(parts[index - 1]) + string));
};

/** A style sheet as it is, since nothing is unescaped in it: for a constant of ours only. */
export const styleSheet = (source: string): Html => {
  if (source.includes('<')) throw new Error('a style sheet has no <');
  return new Piece(`<style>${source}</style>`);
};

/** The page, to be sent. */
export const pageText = (document: Html): string => `<!doctype html>\n${document.source}\n`;
