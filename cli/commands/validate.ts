export async function validate(): Promise<void> {}
