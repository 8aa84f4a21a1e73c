export async function schema(): Promise<void> {}
