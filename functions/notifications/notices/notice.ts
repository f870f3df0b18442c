/** What somebody is told beside alerts, of something of their own. Pure. */
import { inLanguage, type Language, type Texts } from '../../kernel/texts.ts';
import type { Topic } from '../person.ts';

export interface Notice {
  /** The same for the same happening: that of its event. */
  readonly id: string;
  readonly topic: Topic;
  readonly sub: string;
  readonly subject: Texts;
  readonly text: Texts;
  /** As its path names it: `requests/<id>`. */
  readonly about: string;
}

/** As its reader reads it. */
export const inWords = ({ subject, text }: Pick<Notice, 'subject' | 'text'>, language: Language): { subject: string; text: string } => ({
  subject: inLanguage(subject, language),
  text: inLanguage(text, language),
});
