const FILE = /^([\w-]+)\.(?:xml|json)$/;

/** The id in `<id>.xml` or `<id>.json`; undefined for any other last segment. */
export const idOfFile = (file: string): string | undefined => FILE.exec(file)?.[1];
