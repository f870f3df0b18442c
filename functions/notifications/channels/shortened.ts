/** The text, or as many of its characters (code points) as `most`, the last of them an ellipsis. */
export const shortened = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`;
};
