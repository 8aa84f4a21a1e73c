export async function explain(): Promise<void> {}
