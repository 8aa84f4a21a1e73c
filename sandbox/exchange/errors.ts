/** How Exchange says no to a command: `code|exception|words` in the details of an OData error. */

export class CmdletError extends Error {
  readonly status: number;
  readonly code: string;
  readonly exception: string;
  constructor(status: number, code: string, exception: string, words: string) {
    super(words);
    this.status = status;
    this.code = code;
    this.exception = exception;
  }
}

export function objectNotFound(identity: string): CmdletError {
  return new CmdletError(
    404,
    'NotFound',
    'Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException',
    `The operation couldn't be performed because object '${identity}' couldn't be found on 'EURPR01A001.PROD.OUTLOOK.COM'.`,
  );
}

export function badParameter(words: string): CmdletError {
  return new CmdletError(400, 'BadRequest', 'System.Management.Automation.ParameterBindingException', words);
}

export function cmdletErrorBody({ code, exception, message }: CmdletError): unknown {
  return {
    error: {
      code,
      message: 'Error executing cmdlet',
      details: [{ code: 'Context', target: '', message: `Ex6F9304|${exception}|${message}` }],
      innererror: {
        message: 'Error executing cmdlet',
        type: 'Microsoft.Exchange.Admin.OData.Core.ODataServiceException',
        stacktrace: '',
      },
    },
  };
}
