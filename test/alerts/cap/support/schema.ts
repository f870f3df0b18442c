/** What OASIS's schema says, asked of libxml2: of nothing that reads or writes messages here. */
import { validateXML, type XMLValidationError } from 'xmllint-wasm';
import { fixture } from './fixtures.ts';

const SCHEMA = fixture('cap12.xsd').toString();

const errorsOf = async (documents: readonly string[]): Promise<readonly XMLValidationError[]> => {
  const xml = documents.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  return (await validateXML({ xml, schema: SCHEMA })).errors;
};

/** What is wrong with any of the documents; nothing where all are valid. */
export const schemaErrors = async (documents: readonly string[]): Promise<readonly string[]> =>
  (await errorsOf(documents)).map(({ rawMessage }) => rawMessage);

/** Which of the documents are not valid, by their place among them. */
export const invalidOnes = async (documents: readonly string[]): Promise<readonly number[]> => {
  const names = new Set((await errorsOf(documents)).map(({ loc }) => loc?.fileName));
  return [...documents.keys()].filter((index) => names.has(`${index}.xml`));
};
