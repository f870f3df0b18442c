import type { _Record, AttributeValue as SdkValue } from '@aws-sdk/client-dynamodb-streams';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';

type Image = Record<string, AttributeValue>;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const valueOf = (value: SdkValue): AttributeValue => {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(valueOf) };
  if (value.M !== undefined) return { M: imageOf(value.M) };
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  return { NULL: true };
};

const imageOf = (image: Record<string, SdkValue>): Image =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, valueOf(value)]));

/** A record as Lambda's event source hands it over, from one that GetRecords gave: binary as base64, times in seconds, `eventID` unique. */
export const streamRecord = (record: _Record, streamArn: string): DynamoDBRecord => {
  const {
    Keys: keys,
    NewImage: newImage,
    OldImage: oldImage,
    ApproximateCreationDateTime: at,
    SequenceNumber,
    SizeBytes,
    StreamViewType,
  } = record.dynamodb ?? {};
  return {
    eventID: `${streamArn.split('/')[1] ?? ''}:${SequenceNumber ?? ''}`,
    ...(record.eventName === undefined ? {} : { eventName: record.eventName }),
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    eventSourceARN: streamArn,
    awsRegion: record.awsRegion ?? 'local',
    ...(record.userIdentity === undefined
      ? {}
      : { userIdentity: { type: record.userIdentity.Type, principalId: record.userIdentity.PrincipalId } }),
    dynamodb: {
      ...(at === undefined ? {} : { ApproximateCreationDateTime: Math.floor(at.getTime() / 1000) }),
      ...(keys === undefined ? {} : { Keys: imageOf(keys) }),
      ...(newImage === undefined ? {} : { NewImage: imageOf(newImage) }),
      ...(oldImage === undefined ? {} : { OldImage: imageOf(oldImage) }),
      ...(SequenceNumber === undefined ? {} : { SequenceNumber }),
      ...(SizeBytes === undefined ? {} : { SizeBytes }),
      ...(StreamViewType === undefined ? {} : { StreamViewType }),
    },
  };
};
