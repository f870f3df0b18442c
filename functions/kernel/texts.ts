/** Texts for people, by language tag; zh-CN is always there. */
export interface Texts {
  readonly 'zh-CN': string;
  readonly en?: string | undefined;
}

const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The text in that language, in Chinese where there is none. */
export const inLanguage = (texts: Texts, language: Language): string => texts[language] ?? texts['zh-CN'];

/** The language that an `Accept-Language` header (RFC 9110 §12.5.4) asks for first among ours; Chinese where it asks for neither. */
export const preferredLanguage = (header: string | undefined): Language => {
  if (header === undefined) return 'zh-CN';
  // What comes first, without a weight, is asked for first: so nearly every browser says it.
  const first = /^(zh|en)(?:-[a-z0-9-]+)?(?:,|$)/i.exec(header)?.[1]?.toLowerCase();
  if (first !== undefined) return first === 'en' ? 'en' : 'zh-CN';
  const asked = header
    .split(',')
    .map((part, position) => {
      const [tag = '', ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const quality = parameters.map((each) => each.trim()).find((each) => each.startsWith('q='));
      return { tag, position, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ tag, quality }) => quality > 0 && /^(?:zh|en)(?:-|$)/.test(tag))
    .toSorted((a, b) => b.quality - a.quality || a.position - b.position);
  return asked[0]?.tag.startsWith('en') === true ? 'en' : 'zh-CN';
};
