/** Bytes in a bucket of S3. Loaded where they are asked for: no other function pays for it. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Clock } from '../kernel/time.ts';
import type { ObjectStore } from './object-store.ts';
import { s3Links } from './s3-links.ts';

const MOST_REMOVED = 1000;

export interface S3StoreDependencies {
  readonly bucket: string;
  readonly region: string;
  readonly now: Clock;
  readonly client?: S3Client;
}

/** The client of a function: a link must be sendable as it is, so it carries no checksum of a body that is not known yet. */
const s3Client = (): S3Client => new S3Client({ maxAttempts: 5, requestChecksumCalculation: 'WHEN_REQUIRED' });

export const s3Store = ({ bucket: Bucket, region, now, client = s3Client() }: S3StoreDependencies): ObjectStore => {
  return {
    ...s3Links({ bucket: Bucket, region, now }),

    async read(Key) {
      try {
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        return await body?.transformToByteArray();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },

    async put(Key, bytes, contentType) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: bytes, ContentType: contentType }));
    },

    async putFirst(Key, bytes, contentType) {
      try {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: bytes, ContentType: contentType, IfNoneMatch: '*' }));
        return true;
      } catch (error) {
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return false;
        throw error;
      }
    },

    async remove(keys) {
      for (let start = 0; start < keys.length; start += MOST_REMOVED) {
        const { Errors: errors = [] } = await client.send(
          new DeleteObjectsCommand({
            Bucket,
            Delete: { Objects: keys.slice(start, start + MOST_REMOVED).map((Key) => ({ Key })), Quiet: true },
          }),
        );
        const [first] = errors;
        if (first !== undefined) throw new Error(`${errors.length} objects were not removed: ${first.Code ?? 'unknown'}`);
      }
    },

    async beginParts(key, contentType) {
      const { UploadId: uploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: key, ContentType: contentType }));
      if (uploadId === undefined) throw new Error('S3 began an upload without an id');
      return { key, uploadId };
    },

    async putPart({ key, uploadId }, number, bytes) {
      const { ETag: tag } = await client.send(
        new UploadPartCommand({ Bucket, Key: key, UploadId: uploadId, PartNumber: number, Body: bytes }),
      );
      if (tag === undefined) throw new Error('S3 took a part without a tag');
      return tag;
    },

    async endParts({ key, uploadId }, tags) {
      await client.send(
        new CompleteMultipartUploadCommand({
          Bucket,
          Key: key,
          UploadId: uploadId,
          MultipartUpload: { Parts: tags.map((tag, index) => ({ ETag: tag, PartNumber: index + 1 })) },
        }),
      );
    },
  };
};
