/** Under which address people reach this installation: the gateway says it when it has begun to listen, and messages lead there. */
import type { Database } from './database.ts';

export class GatewayAddress {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async keep(url: string): Promise<void> {
    await this.database.query(
      'insert into gateway_address (url) values ($1) on conflict (id) do update set url = excluded.url, at = now()',
      [url],
    );
  }

  async find(): Promise<string | undefined> {
    const [row] = await this.database.query('select url from gateway_address');
    return row && String(row.url);
  }
}
