/** The latest requests to the stand-ins. Without bodies and headers: credentials stand there. */

export interface LoggedRequest {
  at: string;
  system: string;
  method: string;
  url: string;
  /** Absent when no answer was given. */
  status?: number;
  /** The fault that it met. */
  fault?: string;
}

const most = 500;

export class RequestLog {
  private readonly requests: LoggedRequest[] = [];

  add(system: string, method: string, url: string): LoggedRequest {
    const request: LoggedRequest = { at: new Date().toISOString(), system, method, url };
    this.requests.push(request);
    if (this.requests.length > most) this.requests.shift();
    return request;
  }

  entries(): LoggedRequest[] {
    return this.requests;
  }

  lines(): string[] {
    return this.requests.map(({ method, url }) => `${method} ${url}`);
  }
}
