/** The actions that a declared use stands for, on one table and its indexes by name, and nothing else. */
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Right, TableDescription } from '../../functions/data/table.ts';

/** A transaction is authorised by its parts: one that holds it to what is there changes nothing of that. */
export const READ_ACTIONS = ['dynamodb:BatchGetItem', 'dynamodb:ConditionCheckItem', 'dynamodb:GetItem', 'dynamodb:Query'] as const;
export const WRITE_ACTIONS = ['dynamodb:PutItem', 'dynamodb:UpdateItem'] as const;

export const REMOVE_ACTION = 'dynamodb:DeleteItem';
export const APPEND_ACTIONS = ['dynamodb:PutItem'] as const;
const ACTIONS: Readonly<Record<Right, readonly string[]>> = {
  read: READ_ACTIONS,
  append: APPEND_ACTIONS,
  write: [...READ_ACTIONS, ...WRITE_ACTIONS],
  remove: [...READ_ACTIONS, ...WRITE_ACTIONS, REMOVE_ACTION],
};

export interface GrantedTable {
  readonly description: TableDescription;
  readonly table: ITableV2;
}

export const grantTable = (role: IRole, { description, table }: GrantedTable, right: Right): void => {
  role.addToPrincipalPolicy(new PolicyStatement({ actions: [...ACTIONS[right]], resources: [table.tableArn] }));
  const indexes = Object.keys(description.indexes);
  if (indexes.length > 0 && right !== 'append') {
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['dynamodb:Query'], resources: indexes.map((index) => `${table.tableArn}/index/${index}`) }),
    );
  }
};
