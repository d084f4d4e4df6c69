/** Whether a dialog has the focus already, opened by what closes now: it must not be taken from it. */
export const hasDialogFocus = (): boolean =>
  Boolean(document.activeElement?.closest("[role=dialog], [role=alertdialog]"));
