/** Hands a text to the browser as a file. */
export function downloadText(fileName: string, type: string, text: string): void {
  saveBlob(fileName, new Blob([text], { type }));
}

/** Hands bytes to the browser as a file. */
export function saveBlob(fileName: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}
