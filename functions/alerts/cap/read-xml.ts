/** A tree of elements out of bytes that anybody may have sent: well-formed, without a document type, of bounded size, nothing fetched. */
import { SaxesParser } from 'saxes';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Texts } from '../../kernel/texts.ts';
import { decodeXml } from './decode-xml.ts';

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly namespace: string;
  readonly children: readonly XmlElement[];
  /** What stands in it beside its children. */
  readonly text: string;
}

interface Growing extends XmlElement {
  readonly children: Growing[];
  text: string;
}

const LIMITS = { bytes: 1024 * 1024, depth: 32, elements: 50_000, attributes: 100 };
const XINCLUDE = 'http://www.w3.org/2001/XInclude';

const REFUSALS = {
  bytes: { 'zh-CN': '报文不能超过 1 MiB。', en: 'The message has more than 1 MiB.' },
  depth: { 'zh-CN': `元素嵌套不能超过 ${LIMITS.depth} 层。`, en: `Elements are more than ${LIMITS.depth} deep.` },
  elements: { 'zh-CN': `元素不能超过 ${LIMITS.elements} 个。`, en: `There are more than ${LIMITS.elements} elements.` },
  attributes: {
    'zh-CN': `一个元素的属性不能超过 ${LIMITS.attributes} 个。`,
    en: `An element has more than ${LIMITS.attributes} attributes.`,
  },
  encoding: {
    'zh-CN': '字符编码未知，或内容与所声明的编码不符，请使用 UTF-8。',
    en: 'The encoding is not known, or the bytes are not in it: use UTF-8.',
  },
  documentType: {
    'zh-CN': '不接受含 DOCTYPE 或实体声明的 XML，请删去后再发送。',
    en: 'XML with a DOCTYPE or with entities of its own is not read: send it without.',
  },
  inclusion: {
    'zh-CN': '不读取外部内容（XInclude），请发送完整的报文。',
    en: 'Nothing is fetched from elsewhere (XInclude): send the whole message.',
  },
} as const satisfies Record<string, Texts>;

/** Leaves the parser at once. */
class Refused extends Error {
  readonly detail: Texts;
  constructor(detail: Texts) {
    super(detail.en);
    this.detail = detail;
  }
}

const notWellFormed = (line: number, column: number): Texts => ({
  'zh-CN': `不是格式良好的 XML（第 ${line} 行，第 ${column} 列）。`,
  en: `It is not well-formed XML (line ${line}, column ${column}).`,
});

const refuseIf = (refused: boolean, reason: keyof typeof REFUSALS): void => {
  if (refused) throw new Refused(REFUSALS[reason]);
};

/** The root element, or why there is none. Instructions to processors are for others, and comments for nobody. */
export const readXml = (bytes: Uint8Array): Result<XmlElement, Texts> => {
  if (bytes.byteLength > LIMITS.bytes) return err(REFUSALS.bytes);
  const text = decodeXml(bytes);
  if (text === undefined) return err(REFUSALS.encoding);
  const parser = new SaxesParser({ xmlns: true, position: true });
  const document: Growing = { name: '', namespace: '', children: [], text: '' };
  const open: Growing[] = [document];
  let elements = 0;
  let attributes = 0;
  const add = (content: string): void => {
    const last = open.at(-1);
    if (last !== undefined) last.text += content;
  };
  parser.on('doctype', () => refuseIf(true, 'documentType'));
  // Before the parser looks up a namespace, which takes it the longer the deeper it is.
  parser.on('opentagstart', () => {
    elements += 1;
    attributes = 0;
    refuseIf(elements > LIMITS.elements, 'elements');
    refuseIf(open.length > LIMITS.depth, 'depth');
  });
  parser.on('attribute', () => {
    attributes += 1;
    refuseIf(attributes > LIMITS.attributes, 'attributes');
  });
  parser.on('opentag', ({ local, uri }) => {
    refuseIf(uri === XINCLUDE, 'inclusion');
    const element: Growing = { name: local, namespace: uri, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('text', add);
  parser.on('cdata', add);
  try {
    parser.write(text).close();
  } catch (error) {
    return err(error instanceof Refused ? error.detail : notWellFormed(parser.line, parser.columnIndex));
  }
  const [root] = document.children;
  return root === undefined ? err(notWellFormed(parser.line, parser.columnIndex)) : ok(root);
};
