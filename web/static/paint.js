// Paints the week: press on a half hour and drag; every cell you pass takes the first one's new state.
// Without this script each half hour is a checkbox of its own.
"use strict";
for (const table of document.querySelectorAll("[data-paint]")) {
  let brush = null;
  const cellAt = (x, y) => {
    const found = document.elementFromPoint(x, y);
    return found && found.matches("input[name=cell]") && table.contains(found) ? found : null;
  };
  table.addEventListener("pointerdown", (event) => {
    if (!event.target.matches("input[name=cell]")) return;
    event.preventDefault();
    event.target.releasePointerCapture?.(event.pointerId);
    brush = !event.target.checked;
    event.target.checked = brush;
    event.target.focus({ preventScroll: true });
  });
  table.addEventListener("pointermove", (event) => {
    if (brush === null) return;
    const cell = cellAt(event.clientX, event.clientY);
    if (cell) cell.checked = brush;
  });
  table.addEventListener("click", (event) => {
    // The pointer has painted already; only the keyboard (detail 0) clicks for itself.
    if (event.target.matches("input[name=cell]") && event.detail !== 0) event.preventDefault();
  });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { brush = null; });
}
