/** How ServiceNow's REST APIs say no. */

export class ServiceNowError extends Error {
  readonly status: number;
  readonly body: { error: { message: string; detail: string | null }; status: 'failure' };
  constructor(status: number, message: string, detail: string | null = null) {
    super(message);
    this.status = status;
    this.body = { error: { message, detail }, status: 'failure' };
  }
}

export function noRecord(): ServiceNowError {
  return new ServiceNowError(
    404,
    'No Record found',
    'Record doesn’t exist or ACL restricts the record retrieval',
  );
}
