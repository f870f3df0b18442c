/** What pictures are called, by every domain whose things may have some. */
export const CONTENT_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
export const MEDIA_STATUSES = ['pending', 'ready', 'refused'] as const;
/** Why a picture is not kept. */
export const REFUSALS = ['unknownFormat', 'tooLarge', 'tooManyPixels', 'animated', 'broken', 'notUploaded'] as const;

/** Where a picture lies that came in a form, until it has been looked at. */
export const receivedKey = (id: string): string => `received/${id}`;
