/**
 * Notes what someone is reading in a scrolled list; the returned function, called after the list has changed, brings it
 * back to the same spot. (WebKit has no scroll anchoring of its own.) A list at its top stays at its top.
 */
export function holdPlace(scroller: HTMLElement): () => void {
  if (scroller.scrollTop === 0) return () => undefined;
  const top = scroller.getBoundingClientRect().top;
  const visible = [...scroller.querySelectorAll<HTMLElement>('[role="row"]')]
    .map((row) => ({ row, offset: row.getBoundingClientRect() }))
    .filter(({ offset }) => offset.bottom > top && offset.top < top + scroller.clientHeight)
    .map(({ row, offset }) => ({ row, offset: offset.top - top }));
  return () => {
    const stayed = visible.find(({ row }) => row.isConnected);
    if (!stayed) return;
    const now = stayed.row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    scroller.scrollTop += now - stayed.offset;
  };
}
