/**
 * Joins calls into one at a time: while the work goes on, any number of further calls mean once more, after it. The work's
 * failure is its own concern.
 */
export function latest(work: () => Promise<unknown>): () => void {
  let isWorking = false;
  let isWanted = false;
  const begin = (): void => {
    if (isWorking) {
      isWanted = true;
      return;
    }
    isWorking = true;
    work()
      .catch(() => {})
      .finally(() => {
        isWorking = false;
        if (!isWanted) return;
        isWanted = false;
        begin();
      });
  };
  return begin;
}
