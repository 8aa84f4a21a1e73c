/** As much of a browser as signing in needs: it follows redirects and keeps each site's cookies. Sites are told apart by port too. */

export interface Page {
  url: string;
  status: number;
  text: string;
}

export class HttpBrowser {
  private readonly jars = new Map<string, Map<string, string>>();

  /** To the first page that is shown, or to the one at which to stop, which is not asked for. */
  async visit(address: string, stopAt: string, form?: URLSearchParams): Promise<Page> {
    let url = address;
    let body = form;
    for (let steps = 0; steps < 15; steps += 1) {
      const response = await this.send(url, {
        headers: { accept: 'text/html' },
        ...(body ? { method: 'POST', body } : {}),
      });
      body = undefined;
      const location = response.headers.get('location');
      if (!location) return { url, status: response.status, text: await response.text() };
      url = new URL(location, url).href;
      if (url === stopAt) return { url, status: response.status, text: '' };
    }
    throw new Error(`${address} leads round and round`);
  }

  async send(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = this.jarOf(url);
    const headers = new Headers(init.headers);
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';')[0]?.split(/=(.*)/s) ?? [];
      if (/max-age=0(;|$)|expires=thu, 01[ -]jan[ -]1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  private jarOf(url: string): Map<string, string> {
    const { origin } = new URL(url);
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    return jar;
  }
}
